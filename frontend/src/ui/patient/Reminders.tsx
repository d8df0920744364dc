import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { Permission } from '../../model/permissions';
import { REMINDERS } from '../../model/plain/home';
import { dayOf } from '../../model/words';
import { Banner, Button, toast } from '../kit';
import { useAct } from '../useAct';
import { useModel, useValue } from '../useModel';
import { RenewDialog } from './RenewDialog';

const DAY_MS = 86_400_000;
const daysUntil = (at: number) => Math.max(0, Math.ceil((at - Date.now()) / DAY_MS));

function Ending({ permission, at, onRenew }: { permission: Permission; at: number; onRenew: () => void }) {
  const [isLeft, setLeft] = useState(false);
  if (isLeft) return null;
  return (
    <Banner
      tone="wait"
      icon="clock"
      title={REMINDERS.ends(permission.who, daysUntil(at))}
      action={
        <div className="row">
          {permission.user === null ? null : (
            <Button look="primary" onPress={onRenew}>
              {REMINDERS.renew}
            </Button>
          )}
          <Button
            onPress={() => {
              setLeft(true);
              toast(REMINDERS.letEnded);
            }}
          >
            {REMINDERS.letEnd}
          </Button>
        </div>
      }
    >
      {REMINDERS.endsMore}
    </Banner>
  );
}

function Review({ permission }: { permission: Permission }) {
  const { consent } = useModel();
  const navigate = useNavigate();
  const { isActing, act } = useAct();
  const keep = () =>
    act(async () => {
      await consent.keep(permission);
      toast(REMINDERS.kept);
    });
  return (
    <Banner
      tone="info"
      icon="eye"
      title={REMINDERS.review(permission.who)}
      action={
        <div className="row">
          <Button look="primary" isPending={isActing} onPress={() => void keep()}>
            {REMINDERS.keep}
          </Button>
          <Button onPress={() => void navigate({ to: '/permissions' })}>{REMINDERS.change}</Button>
        </div>
      }
    >
      {REMINDERS.reviewMore(permission.givenAt)}
    </Banner>
  );
}

/** What ends soon, what nobody has looked at for long, and a young person's coming of age. */
export function Reminders() {
  const { consent } = useModel();
  const notices = useValue(consent.notices);
  const permissions = useValue(consent.permissions);
  const [renewing, setRenewing] = useState<Permission | null>(null);
  const byId = new Map((permissions ?? []).map((one) => [one.id, one]));
  const shown = (notices?.reminders ?? []).flatMap((one) => {
    const permission = byId.get(one.directive);
    return permission ? [{ ...one, permission }] : [];
  });
  const age = notices?.coming_of_age;
  if (shown.length === 0 && !age) return null;
  return (
    <section className="stack-2" aria-label={REMINDERS.region}>
      {age ? (
        <Banner tone="info" icon="person" title={REMINDERS.age(age.days, dayOf(Date.parse(age.on)))}>
          {REMINDERS.ageMore(age.names)}
        </Banner>
      ) : null}
      {shown.map((one) =>
        one.kind === 'ends' ? (
          <Ending key={one.directive} permission={one.permission} at={one.at} onRenew={() => setRenewing(one.permission)} />
        ) : (
          <Review key={one.directive} permission={one.permission} />
        ),
      )}
      {renewing ? <RenewDialog consent={consent} owner="" permission={renewing} onClose={() => setRenewing(null)} /> : null}
    </section>
  );
}
