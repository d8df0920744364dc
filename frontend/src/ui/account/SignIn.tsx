import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState, type SyntheticEvent } from 'react';
import { Avatar, Banner, Button, Checkbox, Icon, TextField } from '../kit';
import { codeOf } from '../../api/errors';
import { useAct } from '../useAct';
import { useModel } from '../useModel';
import type { DemoCast, DemoPerson } from '../../wire.gen';
import { AccountFrame } from './Frame';
import { CodeForm } from './SecondFactor';

/** The address of a person's own window: cookies and storage are kept apart by host. */
function windowOf(person: DemoPerson): string {
  const { protocol, port } = window.location;
  return `${protocol}//${person.window}.localhost${port ? `:${port}` : ''}/`;
}

function hereFor(cast: DemoCast | undefined): DemoPerson | undefined {
  const label = window.location.hostname.split('.')[0];
  return cast?.people.find((person) => person.window === label);
}

function CastCard({ person }: { person: DemoPerson }) {
  return (
    <li>
      <a className="cast-card" href={windowOf(person)} target="_blank" rel="noopener">
        <Avatar name={person.name} patient={person.window === 'patient'} />
        <span className="stack-0 grow">
          <span className="strong">{person.name}</span>
          <span className="small muted">
            {person.role}
            {person.organisation ? ` · ${person.organisation}` : ''}
          </span>
        </span>
        <Icon name="arrowRight" size={18} />
        <span className="visually-hidden">(opens a window of their own)</span>
      </a>
    </li>
  );
}

function Cast({ cast }: { cast: DemoCast }) {
  return (
    <section className="stack" aria-labelledby="cast-title">
      <div className="stack-2">
        <h2 id="cast-title">Play the demonstration</h2>
        <p className="small muted">Each person opens in a window of their own. Open two or three side by side.</p>
      </div>
      <ul className="cast">
        {cast.people.map((person) => (
          <CastCard key={person.email} person={person} />
        ))}
      </ul>
    </section>
  );
}

/** A sign-in that may ask for a code: the first step's act, and what the second needs once it is reached. */
function useSignIn() {
  const { session } = useModel();
  const [asked, setAsked] = useState<{ email: string; remember: boolean } | null>(null);
  const { isActing, trouble, act } = useAct();
  const signIn = (email: string, password: string, remember: boolean) =>
    void act(async () => {
      try {
        await session.signIn(email, password, remember);
      } catch (error) {
        if (codeOf(error) !== 'second_factor') throw error;
        setAsked({ email, remember });
      }
    });
  const second = asked ? <CodeForm email={asked.email} label="Sign in" onCode={(code) => session.answerSecondFactor(code, asked.remember)} onPasskey={session.knowsPasskeys ? () => session.answerWithPasskey(asked.remember) : undefined} /> : null;
  return { isActing, trouble, signIn, second };
}

function OneClick({ person, password }: { person: DemoPerson; password: string }) {
  const { isActing, trouble, signIn, second } = useSignIn();
  return (
    <section className="card one-click" aria-label="Demonstration">
      <Avatar name={person.name} size="lg" patient={person.window === 'patient'} />
      <div className="stack-0">
        <p className="strong">{person.name}</p>
        <p className="small muted">
          {person.role}
          {person.organisation ? ` · ${person.organisation}` : ''}
        </p>
      </div>
      {second ?? (
        <Button look="primary" size="lg" wide isPending={isActing} onPress={() => signIn(person.email, password, true)}>
          Sign in as {person.name}
        </Button>
      )}
      {trouble ? <Banner tone="stop" live>{trouble}</Banner> : null}
    </section>
  );
}

function Form() {
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [remember, setRemember] = useState(false);
  const { session, sso } = useModel();
  const { isActing, trouble, signIn, second } = useSignIn();
  const passkey = useAct();
  const provider = useAct();
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    signIn(email.trim(), password, remember);
  };
  if (second) return second;
  return (
    <form className="stack" onSubmit={submit}>
      {trouble ? <Banner tone="stop" live>{trouble}</Banner> : null}
      <TextField label="E-mail" type="email" autoComplete="username" value={email} onChange={setEmail} isRequired />
      <TextField label="Password" type="password" autoComplete="current-password" value={password} onChange={setPassword} isRequired />
      <Checkbox isSelected={remember} onChange={setRemember}>
        Remember this device for 12 hours <span className="muted">(not on a shared computer)</span>
      </Checkbox>
      <Button type="submit" look="primary" size="lg" wide isPending={isActing}>
        {isActing ? 'Opening your keys' : 'Sign in'}
      </Button>
      {passkey.trouble ? <Banner tone="stop" live>{passkey.trouble}</Banner> : null}
      {session.knowsPasskeys ? (
        <Button size="lg" wide icon="key" isPending={passkey.isActing} onPress={() => void passkey.act(() => session.signInWithPasskey(remember))}>
          Sign in with a passkey
        </Button>
      ) : null}
      {sso.offered.map((one) => (
        <Button key={one.id} size="lg" wide icon="people" isPending={provider.isActing} onPress={() => void provider.act(async () => window.location.assign(await sso.beginSignIn(one.id)))}>
          Sign in with {one.organisation}
        </Button>
      ))}
      {provider.trouble ? <Banner tone="stop" live>{provider.trouble}</Banner> : null}
      <p className="row-between small">
        <Link to="/recover">Forgotten your password?</Link>
        <Link to="/enrol">I have an enrolment code</Link>
      </p>
    </form>
  );
}

export function SignInPage() {
  const { session } = useModel();
  const cast = useQuery({ queryKey: ['cast'], queryFn: () => session.demoCast(), staleTime: Infinity });
  const here = hereFor(cast.data ?? undefined);
  return (
    <AccountFrame title="Sign in" lead={here ? 'This window belongs to one person of the demonstration.' : undefined}>
      {here && cast.data ? <OneClick person={here} password={cast.data.password} /> : null}
      {here ? (
        <details className="stack">
          <summary className="small">Sign in as somebody else</summary>
          <Form />
        </details>
      ) : (
        <Form />
      )}
      {cast.data && !here ? <Cast cast={cast.data} /> : null}
    </AccountFrame>
  );
}
