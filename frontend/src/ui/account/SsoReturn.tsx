import { Link, useNavigate, useRouterState } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { codeOf, inWords } from '../../api/errors';
import { Banner, Spinner, toast } from '../kit';
import { useModel } from '../useModel';
import { AccountFrame } from './Frame';
import { CodeForm } from './SecondFactor';

type Standing = { readonly on: 'way' } | { readonly on: 'factor' } | { readonly on: 'trouble'; readonly words: string };

/** Where an identity provider sends the browser back to: hands the answer in, and goes on. */
export function SsoReturnPage() {
  const { session, sso } = useModel();
  const navigate = useNavigate();
  const search = useRouterState({ select: (state) => state.location.searchStr });
  const [standing, setStanding] = useState<Standing>({ on: 'way' });
  useEffect(() => {
    let isShown = true;
    sso.finish(search).then(
      (arrival) => {
        if (!isShown) return;
        if (arrival === 'linked') toast('Your account is linked. You can sign in there from now on.', 'good');
        void navigate({ to: arrival === 'linked' ? '/account' : '/' });
      },
      (error: unknown) => {
        if (!isShown) return;
        setStanding(codeOf(error) === 'second_factor' ? { on: 'factor' } : { on: 'trouble', words: inWords(error) });
      },
    );
    return () => {
      isShown = false;
    };
  }, [sso, search, navigate]);
  if (standing.on === 'factor')
    return (
      <AccountFrame title="Your second factor" lead="Your organisation has signed you in. Your account here asks for its second factor as well.">
        <CodeForm
          email=""
          label="Sign in"
          onCode={async (code) => {
            await session.answerAfterProvider(code);
            await navigate({ to: '/' });
          }}
          onPasskey={
            session.knowsPasskeys
              ? async () => {
                  await session.answerAfterProviderWithPasskey();
                  await navigate({ to: '/' });
                }
              : undefined
          }
        />
      </AccountFrame>
    );
  if (standing.on === 'trouble')
    return (
      <AccountFrame title="You were not signed in">
        <Banner tone="stop" live>
          {standing.words}
        </Banner>
        <p>
          <Link to="/">Back to sign in</Link>
        </p>
      </AccountFrame>
    );
  return (
    <AccountFrame title="Signing you in">
      <Spinner label="Asking your organisation" />
    </AccountFrame>
  );
}
