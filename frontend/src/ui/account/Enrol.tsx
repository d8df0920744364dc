import { Link, useNavigate } from '@tanstack/react-router';
import { useState, type SyntheticEvent } from 'react';
import type { EnrolmentOffer } from '../../wire.gen';
import { roleName } from '../../model/words';
import { Banner, Button, TextField } from '../kit';
import { useAct } from '../useAct';
import { useModel } from '../useModel';
import { AccountFrame } from './Frame';
import { NewPassword } from './NewPassword';
import { passwordTrouble } from './password';
import { RecoveryCode } from './RecoveryCode';

function AskCode({ onOffer }: { onOffer: (code: string, offer: EnrolmentOffer) => void }) {
  const { session } = useModel();
  const [code, setCode] = useState('');
  const { isActing, trouble, act, clear } = useAct();
  const type = (text: string) => {
    setCode(text);
    // A field that is marked invalid keeps its form from being sent.
    clear();
  };
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    void act(async () => onOffer(code.trim(), await session.lookAtEnrolment(code.trim())));
  };
  return (
    <form className="stack" onSubmit={submit}>
      <TextField label="Enrolment code" hint="From your clinic or your organisation." value={code} onChange={type} error={trouble} autoComplete="off" mono isRequired />
      <Button type="submit" look="primary" size="lg" wide isPending={isActing}>
        Continue
      </Button>
      <p className="small">
        <Link to="/">I have an account: sign in</Link>
      </p>
    </form>
  );
}

function MakeAccount({ code, offer, onEnrolled }: { code: string; offer: EnrolmentOffer; onEnrolled: (recovery: string) => void }) {
  const { session } = useModel();
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [passwordError, setPasswordError] = useState('');
  const { isActing, trouble, act } = useAct();
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    void act(async () => {
      const weak = await passwordTrouble(password, [name, email]);
      setPasswordError(weak);
      if (!weak) onEnrolled(await session.enrol({ code, name: name.trim(), email: email.trim(), password }));
    });
  };
  return (
    <form className="stack" onSubmit={submit}>
      <Banner tone="info" icon="person">
        {offer.kind === 'patient' ? `You are enrolled as a patient of ${offer.organisation.name}.` : `You join ${offer.organisation.name} as ${roleName(offer.role)}.`}
      </Banner>
      {trouble ? <Banner tone="stop" live>{trouble}</Banner> : null}
      <TextField label="Your name" hint={offer.kind === 'patient' ? undefined : 'As colleagues and patients should see it.'} value={name} onChange={setName} autoComplete="name" isRequired />
      <TextField label="E-mail" type="email" value={email} onChange={setEmail} autoComplete="username" isRequired />
      <NewPassword
        value={password}
        onChange={(text) => {
          setPassword(text);
          setPasswordError('');
        }}
        error={passwordError}
      />
      <Button type="submit" look="primary" size="lg" wide isPending={isActing}>
        {isActing ? 'Making your keys' : 'Make my account'}
      </Button>
    </form>
  );
}

export function EnrolPage() {
  const [offer, setOffer] = useState<{ code: string; offer: EnrolmentOffer } | null>(null);
  const [recovery, setRecovery] = useState('');
  const { session } = useModel();
  const navigate = useNavigate();
  const { trouble, act } = useAct();
  if (recovery)
    return (
      <AccountFrame title="Your recovery code">
        {trouble ? <Banner tone="stop" live>{trouble}</Banner> : null}
        <RecoveryCode
          code={recovery}
          onConfirmed={() =>
            void act(async () => {
              await session.confirmEnrolment();
              await navigate({ to: '/' });
            })
          }
        />
      </AccountFrame>
    );
  return (
    <AccountFrame title="Enrol" lead={offer ? undefined : 'Enter the code you were given. It works once.'}>
      {offer ? (
        <MakeAccount code={offer.code} offer={offer.offer} onEnrolled={setRecovery} />
      ) : (
        <AskCode onOffer={(code, found) => setOffer({ code, offer: found })} />
      )}
    </AccountFrame>
  );
}
