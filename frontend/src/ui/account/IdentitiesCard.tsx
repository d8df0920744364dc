import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type SyntheticEvent } from 'react';
import { momentOf } from '../../model/words';
import type { IdentityProviderOut } from '../../wire.gen';
import { Badge, Banner, Button, Card, TextField } from '../kit';
import { useAct } from '../useAct';
import { useModel } from '../useModel';

function LinkForm({ provider }: { provider: IdentityProviderOut }) {
  const { sso } = useModel();
  const [password, setPassword] = useState('');
  const { isActing, trouble, act } = useAct();
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    void act(async () => window.location.assign(await sso.beginLinking(provider.id, password)));
  };
  return (
    <details>
      <summary>Link with {provider.organisation}</summary>
      <form className="stack" onSubmit={submit}>
        {trouble ? <Banner tone="stop" live>{trouble}</Banner> : null}
        <TextField label="Your password" hint="So that nobody links themselves at a screen you left" type="password" autoComplete="current-password" value={password} onChange={setPassword} isRequired />
        <Button type="submit" isPending={isActing}>
          Go there and link
        </Button>
      </form>
    </details>
  );
}

/** Signing in by one's organisation: linked or not, and how to change that. Not there where nobody offers it. */
export function IdentitiesCard() {
  const { sso } = useModel();
  const cache = useQueryClient();
  const found = useQuery({ queryKey: ['identities'], queryFn: () => sso.identities() });
  const { isActing, trouble, act } = useAct();
  if (!found.data || (found.data.offered.length === 0 && found.data.linked.length === 0)) return null;
  const { offered, linked } = found.data;
  const unlink = (provider: string) => void act(() => sso.unlink(provider)).then(() => cache.invalidateQueries({ queryKey: ['identities'] }));
  return (
    <Card as="section" label="Sign-in by your organisation">
      <div className="stack">
        <h2>Sign-in by your organisation</h2>
        <p className="muted">Your organisation can say who you are. It cannot open your keys: your password, your passkey, or your recovery code does that after you are signed in.</p>
        {trouble ? <Banner tone="stop" live>{trouble}</Banner> : null}
        {linked.length ? (
          <ul className="device-list" aria-label="Linked sign-ins">
            {linked.map((one) => (
              <li key={one.id} className="row-between">
                <span className="stack-0">
                  <span className="strong">
                    {one.organisation} <Badge tone="good">Linked</Badge>
                  </span>
                  <span className="small muted">
                    Since {momentOf(one.since)}
                    {one.last_used ? `, last used ${momentOf(one.last_used)}` : ''}
                  </span>
                </span>
                <Button size="sm" isPending={isActing} onPress={() => unlink(one.id)}>
                  Unlink {one.organisation}
                </Button>
              </li>
            ))}
          </ul>
        ) : null}
        {offered
          .filter((one) => !linked.some((known) => known.id === one.id))
          .map((one) => (
            <LinkForm key={one.id} provider={one} />
          ))}
      </div>
    </Card>
  );
}
