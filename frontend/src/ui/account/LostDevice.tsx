import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState, type SyntheticEvent } from 'react';
import { Banner, Button, Card, Page, TextField } from '../kit';
import { useAct } from '../useAct';
import { useModel, useValue } from '../useModel';
import { CarriedKey } from './NewKeysCard';
import { NewPassword } from './NewPassword';
import { passwordTrouble } from './password';
import { RecoveryCode } from './RecoveryCode';

/** What is lost with the keys that are given up, by name. */
function Passkeys() {
  const { session } = useModel();
  const found = useQuery({ queryKey: ['passkeys'], queryFn: () => session.passkeys() });
  const names = (found.data ?? []).map((one) => one.name);
  if (found.isError) return <li>Every passkey stops working. You can add the ones that you still have again afterwards.</li>;
  if (names.length === 0) return null;
  return (
    <li>
      {names.length === 1 ? 'This passkey stops' : 'These passkeys stop'} working: <span className="strong">{names.join(', ')}</span>. You can add the ones that you still have again afterwards.
    </li>
  );
}

function Consequences() {
  return (
    <Card as="section" label="What will happen">
      <div className="stack">
        <h2>What will happen</h2>
        <ul className="plain-list">
          <li>Your keys, your password and your recovery code are replaced. The old ones open nothing that is written from now on.</li>
          <li>You are signed out everywhere but here. If you sign in by your organisation, link your account again afterwards.</li>
          <Passkeys />
          <li>Your conversations are given your new key one after the other. You see how far it is.</li>
        </ul>
        <Banner tone="wait" title="What cannot be taken back">
          What was written until now can be read by whoever opens the lost device. If your authenticator app was on it, set up a new one afterwards, under “Second factor”. Tell your organisation’s privacy officer.
        </Banner>
      </div>
    </Card>
  );
}

function Prepare({ email, onPrepared }: { email: string; onPrepared: (code: string) => void }) {
  const { newKeys } = useModel();
  const [current, setCurrent] = useState('');
  const [password, setPassword] = useState('');
  const [weak, setWeak] = useState('');
  const { isActing, trouble, act } = useAct();
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    void act(async () => {
      const found = password === current ? 'Choose another password than the one you have.' : await passwordTrouble(password, [email]);
      setWeak(found);
      if (!found) onPrepared(await newKeys.prepareEscape(current, password));
    });
  };
  return (
    <Card>
      <form className="stack" onSubmit={submit}>
        {trouble ? <Banner tone="stop" live>{trouble}</Banner> : null}
        <input type="email" name="email" autoComplete="username" value={email} readOnly hidden />
        <TextField label="Current password" type="password" autoComplete="current-password" value={current} onChange={setCurrent} isRequired />
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
    </Card>
  );
}

/** A device is lost, or somebody knows the password: everything that opens the keys is replaced, in one act. */
export function LostDevicePage() {
  const { session, newKeys } = useModel();
  const me = useValue(session.me);
  const [code, setCode] = useState('');
  const [isDone, setDone] = useState(false);
  const { isActing, trouble, act } = useAct();
  if (!me) return null;
  const replace = () =>
    void act(async () => {
      await newKeys.escape();
      setDone(true);
    });
  if (isDone)
    return (
      <Page title="Your keys are new" width="narrow">
        <Banner tone="good" live title="The lost device opens nothing that is written from now on">
          From now on your new password and your new recovery code count. Destroy the paper with the old code.
        </Banner>
        <Card>
          <div className="stack">
            <CarriedKey />
            <p>
              <Link to="/account">Back to your account, to add passkeys again</Link>
            </p>
          </div>
        </Card>
      </Page>
    );
  if (code)
    return (
      <Page title="Your new recovery code" width="narrow">
        {trouble ? (
          <Banner tone="stop" live>
            {trouble}
          </Banner>
        ) : (
          <Banner tone="info">Your old keys still count. They are replaced as soon as you have shown that you wrote this down.</Banner>
        )}
        {isActing ? <p role="status">Replacing your keys.</p> : null}
        <Card>
          <RecoveryCode code={code} onConfirmed={replace} />
        </Card>
        {trouble ? <Button onPress={() => setCode('')}>Begin again</Button> : null}
      </Page>
    );
  return (
    <Page title="My device was lost or stolen" width="narrow">
      <Consequences />
      <Prepare email={me.email} onPrepared={setCode} />
    </Page>
  );
}
