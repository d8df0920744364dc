import { useState } from 'react';
import { Avatar, Banner, Button, Card, Page, RadioGroup } from '../kit';
import { chosenTheme, chooseTheme, type Theme } from '../theme';
import { AnswerTimeCard, OnCallCard, QuietHoursCard } from '../urgency';
import { useAct } from '../useAct';
import { useModel, useValue } from '../useModel';
import { DevicesCard } from './DevicesCard';
import { IdentitiesCard } from './IdentitiesCard';
import { KeysCard } from './KeysCard';
import { NewKeysCard } from './NewKeysCard';
import { NoticesCard } from './NoticesCard';
import { PasskeysCard } from './PasskeysCard';
import { SecondFactorCard } from './SecondFactor';

/** Who one is here, the look of the app, the devices, and the way out. */
export function AccountPage() {
  const { session, threads } = useModel();
  const me = useValue(session.me);
  const [theme, setTheme] = useState<Theme>(chosenTheme);
  const { isActing, trouble, act } = useAct();
  if (!me) return null;
  const unsent = threads.outbox.size;
  return (
    <Page title="Your account" width="narrow">
      {trouble ? <Banner tone="stop" live>{trouble}</Banner> : null}
      <Card>
        <div className="row">
          <Avatar name={me.name} size="lg" patient={me.kind === 'patient'} />
          <div className="stack-0 grow">
            <h2>{me.name}</h2>
            <p className="muted">{me.email}</p>
            <p className="small muted">{me.posts.map((post) => post.organisation_name).join(', ') || 'Patient'}</p>
          </div>
        </div>
      </Card>
      <Card as="section" label="Appearance">
        <RadioGroup
          label="Appearance"
          inline
          choices={[
            { id: 'system', name: 'As the device' },
            { id: 'light', name: 'Light' },
            { id: 'dark', name: 'Dark' },
          ]}
          value={theme}
          onChange={(chosen: Theme) => {
            chooseTheme(chosen);
            setTheme(chosen);
          }}
        />
      </Card>
      <KeysCard email={me.email} />
      <NewKeysCard />
      <PasskeysCard />
      <IdentitiesCard />
      <NoticesCard />
      <AnswerTimeCard />
      <QuietHoursCard />
      {me.posts.map((post) => (
        <OnCallCard key={post.organisation} house={post.organisation} />
      ))}
      <SecondFactorCard />
      <DevicesCard />
      <Card as="section" label="Sign out">
        <div className="stack">
          <h2>Sign out</h2>
          <p className="muted">Your keys leave the memory of this device, and what could be read here without a connection is deleted from it.</p>
          <div className="row">
            {unsent ? <Banner tone="wait">{unsent === 1 ? 'One message was' : `${unsent} messages were`} not sent yet. Signing out deletes {unsent === 1 ? 'it' : 'them'}.</Banner> : null}
            <Button icon="signOut" isPending={isActing} onPress={() => void act(() => session.signOut())}>
              Sign out
            </Button>
            <Button look="danger-quiet" onPress={() => void act(() => session.signOutEverywhere())}>
              Sign out everywhere
            </Button>
          </div>
        </div>
      </Card>
      <Card as="section" label="What is protected">
        <div className="stack-2">
          <h2>What this protects, and what not</h2>
          <p className="muted">
            What you write is sealed on your device for exactly the people who may read it. Whoever runs the server cannot read it. They can see who has a conversation with whom, when, and roughly how much; and your browser trusts the app that the server delivers.
          </p>
        </div>
      </Card>
    </Page>
  );
}
