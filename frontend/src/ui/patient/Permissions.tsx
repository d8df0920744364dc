import { useState } from 'react';
import type { Permission } from '../../model/consent';
import { actionWords, dayOf, inSentence } from '../../model/words';
import { Avatar, Badge, Banner, Button, Card, Dialog, EmptyState, Page, Spinner, toast } from '../kit';
import { useAct } from '../useAct';
import { useModel, useValue } from '../useModel';

function sentence(permission: Permission): string {
  const acts = inSentence(actionWords(permission.actions)).replace('this conversation', permission.threads.length ? 'one conversation' : 'your conversations');
  const what = permission.isDeny ? 'may not' : 'may';
  const before = permission.isDeny ? '' : permission.history === 'all' ? ', including what was written before' : permission.history === 'none' ? ', but nothing written before they joined' : '';
  return `${permission.who} ${what} ${acts}${before}, from ${dayOf(permission.from)} until ${dayOf(permission.until)}.`;
}

function WithdrawDialog({ permission, others, onClose }: { permission: Permission; others: readonly Permission[]; onClose: () => void }) {
  const { consent } = useModel();
  const { isActing, trouble, act } = useAct();
  const rest = others.map((one) => one.who);
  return (
    <Dialog
      title={`Withdraw the permission for ${permission.who}?`}
      isOpen
      onClose={onClose}
      role="alertdialog"
      size="sm"
      footer={
        <>
          <Button onPress={onClose}>Keep it</Button>
          <Button
            look="danger"
            isPending={isActing}
            onPress={() =>
              void act(async () => {
                await consent.withdraw(permission);
                toast(`Withdrawn. ${permission.who} can no longer read.`);
                onClose();
              })
            }
          >
            Withdraw now
          </Button>
        </>
      }
    >
      {trouble ? <Banner tone="stop" live>{trouble}</Banner> : null}
      <p className="strong">This takes effect within a second.</p>
      <ul className="bullets">
        <li>{permission.who} can no longer read or write here, and leaves any call or session about you.</li>
        <li>What they wrote stays in the conversation, and they keep it for their own record, as the law asks.</li>
        <li>What they have read already cannot be unread.</li>
        <li>{rest.length ? `Still permitted: ${inSentence(rest)}. Nothing changes for them.` : 'After this nobody but you can read.'}</li>
      </ul>
    </Dialog>
  );
}

function PermissionCard({ permission, onWithdraw }: { permission: Permission; onWithdraw: (() => void) | null }) {
  return (
    <li className="card permission">
      <Avatar name={permission.who} />
      <div className="grow stack-2">
        <p>{sentence(permission)}</p>
        <p className="small muted row">
          {permission.state === 'active' ? <Badge tone="good">In force</Badge> : permission.state === 'withdrawn' ? <Badge tone="stop">Withdrawn</Badge> : <Badge>Ended</Badge>}
          {permission.detail}
        </p>
      </div>
      {onWithdraw ? (
        <Button look="danger-quiet" onPress={onWithdraw} aria-label={`Withdraw the permission for ${permission.who}`}>
          Withdraw
        </Button>
      ) : null}
    </li>
  );
}

/** Every permission as a sentence; each can be withdrawn in one act that says first what remains. */
export function PermissionsPage() {
  const { consent } = useModel();
  const permissions = useValue(consent.permissions);
  const [chosen, setChosen] = useState<Permission | null>(null);
  const active = (permissions ?? []).filter((one) => one.state === 'active');
  const past = (permissions ?? []).filter((one) => one.state !== 'active');
  return (
    <Page title="Your permissions" width="narrow" lead="Who may read, and what you agreed to. You can withdraw each one at any time.">
      {permissions === null ? (
        <Spinner label="Loading your permissions" />
      ) : active.length === 0 ? (
        <Card>
          <EmptyState icon="key" title="Nobody has your permission now">
            When somebody asks, you will find it on your home page.
          </EmptyState>
        </Card>
      ) : (
        <ul className="stack" aria-label="In force">
          {active.map((one) => (
            <PermissionCard key={one.id} permission={one} onWithdraw={() => setChosen(one)} />
          ))}
        </ul>
      )}
      {past.length ? (
        <section className="stack" aria-labelledby="past">
          <h2 id="past">Ended</h2>
          <ul className="stack">
            {past.map((one) => (
              <PermissionCard key={one.id} permission={one} onWithdraw={null} />
            ))}
          </ul>
        </section>
      ) : null}
      {chosen ? <WithdrawDialog permission={chosen} others={active.filter((one) => one.id !== chosen.id && !one.isDeny)} onClose={() => setChosen(null)} /> : null}
    </Page>
  );
}
