import { Link, useNavigate } from '@tanstack/react-router';
import { useState, type SyntheticEvent } from 'react';
import { Banner, Button, TextField } from '../kit';
import { useAct } from '../useAct';
import { useModel } from '../useModel';
import { AccountFrame } from './Frame';
import { NewPassword } from './NewPassword';
import { passwordTrouble } from './password';
import { RecoveryCode } from './RecoveryCode';

/** A forgotten password: the recovery code opens the keys, and a new password is set in the same act. */
export function RecoverPage() {
  const { session } = useModel();
  const navigate = useNavigate();
  const [email, setEmail] = useState('');
  const [code, setCode] = useState('');
  const [password, setPassword] = useState('');
  const [fresh, setFresh] = useState('');
  const [passwordError, setPasswordError] = useState('');
  const { isActing, trouble, act } = useAct();
  const typePassword = (text: string) => {
    setPassword(text);
    setPasswordError('');
  };
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    void act(async () => {
      const weak = await passwordTrouble(password, [email]);
      setPasswordError(weak);
      if (!weak) setFresh(await session.recover(email.trim(), code, password));
    });
  };
  if (fresh)
    return (
      <AccountFrame title="Your new recovery code" lead="Your password is changed, and your other sessions were ended. The code that you used is spent: this one takes its place.">
        <RecoveryCode
          code={fresh}
          onConfirmed={() => {
            void session.finishRecovery();
            void navigate({ to: '/' });
          }}
        />
      </AccountFrame>
    );
  return (
    <AccountFrame title="Get back in" lead="With the recovery code that you wrote down when you enrolled.">
      <form className="stack" onSubmit={submit}>
        {trouble ? <Banner tone="stop" live>{trouble}</Banner> : null}
        <TextField label="E-mail" type="email" value={email} onChange={setEmail} autoComplete="username" isRequired />
        <TextField label="Recovery code" hint="Capital or small letters, with or without spaces." value={code} onChange={setCode} autoComplete="off" mono isRequired />
        <NewPassword label="New password" value={password} onChange={typePassword} error={passwordError} />
        <Button type="submit" look="primary" size="lg" wide isPending={isActing}>
          Set the new password
        </Button>
        <p className="small">
          <Link to="/">Back to sign in</Link>
        </p>
      </form>
      <p className="small muted">
        No code and no password? Then your keys cannot be opened by anyone. Your organisation can let you begin anew; what was written before stays with those who can read it.{' '}
        <Link to="/reset">I have a code to begin anew</Link>
      </p>
    </AccountFrame>
  );
}
