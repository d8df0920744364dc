import { Link, useNavigate } from '@tanstack/react-router';
import { useState, type SyntheticEvent } from 'react';
import type { ResetOffer } from '../../wire.gen';
import { Banner, Button, TextField } from '../kit';
import { useAct } from '../useAct';
import { useModel } from '../useModel';
import { AccountFrame } from './Frame';
import { NewPassword } from './NewPassword';
import { passwordTrouble } from './password';
import { RecoveryCode } from './RecoveryCode';

type Found = { email: string; code: string; offer: ResetOffer };

function AskCode({ onFound }: { onFound: (found: Found) => void }) {
  const { reset } = useModel();
  const [email, setEmail] = useState('');
  const [code, setCode] = useState('');
  const { isActing, trouble, act } = useAct();
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    const asked = { email: email.trim(), code: code.trim() };
    void act(async () => onFound({ ...asked, offer: await reset.look(asked.email, asked.code) }));
  };
  return (
    <form className="stack" onSubmit={submit}>
      {trouble ? <Banner tone="stop" live>{trouble}</Banner> : null}
      <TextField label="E-mail" type="email" value={email} onChange={setEmail} autoComplete="username" isRequired />
      <TextField label="Code to begin anew" hint="From your organisation, when you met." value={code} onChange={setCode} autoComplete="off" mono isRequired />
      <Button type="submit" look="primary" size="lg" wide isPending={isActing}>
        Continue
      </Button>
      <p className="small">
        <Link to="/recover">I have my recovery code after all</Link>
      </p>
    </form>
  );
}

function Begin({ found, onPrepared }: { found: Found; onPrepared: (code: string) => void }) {
  const { reset } = useModel();
  const [password, setPassword] = useState('');
  const [weak, setWeak] = useState('');
  const { isActing, trouble, act } = useAct();
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    void act(async () => {
      const problem = await passwordTrouble(password, [found.email]);
      setWeak(problem);
      if (!problem) onPrepared(await reset.prepare(found.offer, { email: found.email, code: found.code, password }));
    });
  };
  return (
    <form className="stack" onSubmit={submit}>
      <Banner tone="wait" title="What is lost, and what comes back">
        What was written before is not opened by your new keys. Nobody can change that: not {found.offer.organisation_name}, not us.
      </Banner>
      <ul className="plain-list">
        <li>It is not destroyed: whoever else could read it still can. Once the patient permits you again, with what was written before, it comes back to you from them.</li>
        <li>Everybody who writes with you is stopped, and asked to compare your new key with you, face to face or by a voice that they know.</li>
        <li>Are the conversations about you? Then two witnesses put your new key in place. That takes three days at the least, and you decide nothing there until then.</li>
        <li>Your old password, recovery code, passkeys, authenticator app and the sign-in by your organisation count no more, and every other session ends.</li>
      </ul>
      {trouble ? <Banner tone="stop" live>{trouble}</Banner> : null}
      <input type="email" name="email" autoComplete="username" value={found.email} readOnly hidden />
      <NewPassword
        label="New password"
        value={password}
        onChange={(text) => {
          setPassword(text);
          setWeak('');
        }}
        error={weak}
      />
      <Button type="submit" look="primary" size="lg" wide isPending={isActing}>
        Make new keys
      </Button>
      <p className="small muted">Nothing changes yet: next you are shown your new recovery code.</p>
    </form>
  );
}

/** Password, recovery code and passkeys are lost: keys from nothing, with a code of the organisation's. */
export function ResetPage() {
  const { reset } = useModel();
  const navigate = useNavigate();
  const [found, setFound] = useState<Found | null>(null);
  const [code, setCode] = useState('');
  const { trouble, act } = useAct();
  const finish = () =>
    void act(async () => {
      await reset.finish();
      await navigate({ to: '/' });
    });
  if (code)
    return (
      <AccountFrame title="Your new recovery code">
        {trouble ? <Banner tone="stop" live>{trouble}</Banner> : null}
        <RecoveryCode code={code} onConfirmed={finish} />
      </AccountFrame>
    );
  return (
    <AccountFrame title="Begin anew" lead={found ? undefined : 'Only when your password, your recovery code and every passkey are lost.'}>
      {found ? <Begin found={found} onPrepared={setCode} /> : <AskCode onFound={setFound} />}
    </AccountFrame>
  );
}
