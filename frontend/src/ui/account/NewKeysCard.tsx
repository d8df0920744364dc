import { Link } from '@tanstack/react-router';
import { useState, type SyntheticEvent } from 'react';
import { Banner, Button, Card, Icon, TextField, toast } from '../kit';
import { useAct } from '../useAct';
import { useModel, useValue } from '../useModel';

function conversations(count: number): string {
  return count === 1 ? 'conversation' : 'conversations';
}

/** How far a new key has come through one's conversations. */
export function CarriedKey() {
  const { threads } = useModel();
  const carried = useValue(threads.carried);
  if (!carried) return null;
  const { done, of, waiting } = carried;
  if (done < of)
    return (
      <div className="stack-2" role="status">
        <p>
          Your new key goes into your conversations: {done} of {of}. You can go on meanwhile; a conversation is given it before you write there.
        </p>
        <progress className="carried" value={done} max={of} aria-label="Conversations that have your new key" />
      </div>
    );
  if (waiting)
    return (
      <Banner tone="wait" live>
        {waiting} {conversations(waiting)} could not take your new key yet: your organisation must certify it first, or somebody else’s key there must be compared. It is tried again whenever you open the app.
      </Banner>
    );
  return (
    <p className="row" role="status">
      <Icon name="check" size={18} /> {of === 0 ? 'You are in no conversation that needs your new key.' : `Your new key is in ${of === 1 ? 'your conversation' : `all ${of} conversations`}.`}
    </p>
  );
}

function Renew() {
  const { newKeys } = useModel();
  const [password, setPassword] = useState('');
  const { isActing, trouble, act } = useAct();
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    void act(async () => {
      await newKeys.renew(password);
      setPassword('');
      toast('You have new keys. Everything opens as before.', 'good');
    });
  };
  return (
    <details>
      <summary>Renew my keys</summary>
      <form className="stack" onSubmit={submit}>
        {trouble ? <Banner tone="stop" live>{trouble}</Banner> : null}
        <p className="muted">As one changes a lock now and then. Password, recovery code and passkeys stay as they are, and so does everything you can read.</p>
        <TextField label="Your password" type="password" autoComplete="current-password" value={password} onChange={setPassword} isRequired />
        <Button type="submit" icon="refresh" isPending={isActing}>
          Renew my keys
        </Button>
      </form>
    </details>
  );
}

/** New keys: because of a loss, or by routine. */
export function NewKeysCard() {
  return (
    <Card as="section" label="New keys">
      <div className="stack">
        <h2>New keys</h2>
        <p className="muted">Your keys seal what you write and open what you may read. If somebody else may hold them, replace them at once.</p>
        <p>
          <Link to="/account/lost-device" className="button button-danger-quiet button-md">
            My device was lost or stolen
          </Link>
        </p>
        <Renew />
        <CarriedKey />
      </div>
    </Card>
  );
}
