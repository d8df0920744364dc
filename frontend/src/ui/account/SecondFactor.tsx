import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type SyntheticEvent } from 'react';
import { clockOf } from '../../model/words';
import { Badge, Banner, Button, Card, Spinner, TextField, toast } from '../kit';
import { useAct } from '../useAct';
import { useModel, useValue } from '../useModel';

/** What the app of this person would show, in the demonstration alone. */
function DemoCodeHint({ email, take }: { email: string; take: (code: string) => void }) {
  const { session } = useModel();
  const shown = useQuery({ queryKey: ['demo-code', email], queryFn: () => session.demoCode(email), refetchInterval: 5_000, staleTime: 0 });
  if (!shown.data) return null;
  const { code, seconds } = shown.data;
  return (
    <Banner
      tone="info"
      icon="device"
      title="Demonstration"
      action={
        <Button size="sm" onPress={() => take(code)}>
          Use it
        </Button>
      }
    >
      Elsewhere this code is on your telephone. Here it is shown: <strong className="mono">{code}</strong>, for {seconds} s yet.
    </Banner>
  );
}

/** Asks for a code and hands it on; `email` names whose app the demonstration shows. */
export function CodeForm({ email, label, onCode, onPasskey }: { email: string; label: string; onCode: (code: string) => Promise<void>; onPasskey?: () => Promise<void> }) {
  const [code, setCode] = useState('');
  const { isActing, trouble, act } = useAct();
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    void act(() => onCode(code.replace(/\s/g, ''))).then((done) => (done ? setCode('') : undefined));
  };
  return (
    <form className="stack" onSubmit={submit}>
      {trouble ? <Banner tone="stop" live>{trouble}</Banner> : null}
      <TextField
        label="Code of your authenticator app"
        hint="Six digits, or one of the recovery codes of your second factor"
        autoComplete="one-time-code"
        inputMode="numeric"
        value={code}
        onChange={setCode}
        mono
        isRequired
      />
      <DemoCodeHint email={email} take={setCode} />
      <Button type="submit" look="primary" size="lg" wide isPending={isActing}>
        {label}
      </Button>
      {onPasskey ? (
        <Button wide icon="key" onPress={() => void act(onPasskey)}>
          Use your passkey
        </Button>
      ) : null}
    </form>
  );
}

/** Codes of the second factor, shown once. */
export function Codes({ codes, onDone }: { codes: string[]; onDone: () => void }) {
  return (
    <div className="stack">
      <Banner tone="wait" title="Keep these recovery codes">
        Each opens your account once, when your telephone is lost. They are shown only now.
      </Banner>
      <ol className="recovery-code mono">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ol>
      <Button look="primary" onPress={onDone}>
        I have kept them
      </Button>
    </div>
  );
}

function SetUp({ email, onDone }: { email: string; onDone: () => void }) {
  const { session } = useModel();
  const [password, setPassword] = useState('');
  const [secret, setSecret] = useState('');
  const [codes, setCodes] = useState<string[]>([]);
  const { isActing, trouble, act } = useAct();
  if (codes.length) return <Codes codes={codes} onDone={onDone} />;
  if (secret)
    return (
      <div className="stack">
        <p>
          Add an account by key in your authenticator app and enter this key, or{' '}
          <a href={`otpauth://totp/${encodeURIComponent(email)}?secret=${secret}&issuer=Consilium`}>open the app on this device</a>.
        </p>
        <p className="mono strong factor-secret">{secret.replace(/(.{4})/g, '$1 ').trim()}</p>
        <CodeForm email={email} label="Switch it on" onCode={async (code) => setCodes(await session.confirmSecondFactor(code))} />
      </div>
    );
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    void act(async () => setSecret(await session.offerSecondFactor(password)));
  };
  return (
    <form className="stack" onSubmit={submit}>
      {trouble ? <Banner tone="stop" live>{trouble}</Banner> : null}
      <TextField label="Your password" hint="So that nobody sets this up at a screen you left" type="password" autoComplete="current-password" value={password} onChange={setPassword} isRequired />
      <Button type="submit" isPending={isActing}>
        Set up an authenticator app
      </Button>
    </form>
  );
}

function Remove({ onDone }: { onDone: () => void }) {
  const { session } = useModel();
  const [password, setPassword] = useState('');
  const { isActing, trouble, act } = useAct();
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    void act(() => session.removeSecondFactor(password)).then((done) => {
      if (!done) return;
      toast('The second factor is off.', 'good');
      onDone();
    });
  };
  return (
    <details>
      <summary className="small">Switch it off</summary>
      <form className="stack" onSubmit={submit}>
        {trouble ? <Banner tone="stop" live>{trouble}</Banner> : null}
        <TextField label="Your password" type="password" autoComplete="current-password" value={password} onChange={setPassword} isRequired />
        <Button type="submit" look="danger-quiet" isPending={isActing}>
          Switch it off
        </Button>
      </form>
    </details>
  );
}

/** The second factor of this account: set up, and shown again. */
export function SecondFactorCard() {
  const { session } = useModel();
  const me = useValue(session.me);
  const cache = useQueryClient();
  const standing = useQuery({ queryKey: ['second-factor'], queryFn: () => session.secondFactor() });
  const again = () => void cache.invalidateQueries({ queryKey: ['second-factor'] });
  if (!me) return null;
  return (
    <Card as="section" label="Second factor">
      <div className="stack">
        <div className="row-between">
          <h2>Second factor</h2>
          {standing.data ? <Badge tone={standing.data.on ? 'good' : 'plain'}>{standing.data.on ? 'On' : 'Off'}</Badge> : null}
        </div>
        <p className="muted">A code from an app on your telephone, beside your password. Emergency access needs it.</p>
        {!standing.data ? (
          <Spinner />
        ) : standing.data.on ? (
          <>
            {standing.data.fresh_until ? <p className="small">Shown lately: it counts until {clockOf(standing.data.fresh_until)}.</p> : null}
            <Remove onDone={again} />
          </>
        ) : (
          <SetUp email={me.email} onDone={again} />
        )}
      </div>
    </Card>
  );
}
