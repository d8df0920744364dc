import { useState } from 'react';
import type { Consent } from '../../model/consent';
import type { Permission } from '../../model/permissions';
import { RENEW } from '../../model/plain/permissions';
import { LENGTHS, renewalOf, untilOf, type LengthId } from '../../model/statement';
import { Banner, Button, Dialog, Icon, Select, toast } from '../kit';
import { useAct } from '../useAct';

/** The same permission for longer: the words that will be signed stand above the button. */
export function RenewDialog({ consent, permission, owner, onClose }: { consent: Consent; permission: Permission; owner: string; onClose: () => void }) {
  const [length, setLength] = useState<LengthId>('half');
  const { isActing, trouble, act } = useAct();
  const now = Date.now();
  const until = untilOf(length, now);
  const statement = renewalOf(permission, until, now, owner);
  const sign = () =>
    act(async () => {
      await consent.renew(permission, { until, statement });
      toast(RENEW.renewed(until));
      onClose();
    });
  return (
    <Dialog
      title={RENEW.title(permission.who)}
      isOpen
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>{RENEW.cancel}</Button>
          <Button look="primary" icon="key" isPending={isActing} onPress={() => void sign()}>
            {RENEW.sign}
          </Button>
        </>
      }
    >
      {trouble ? <Banner tone="stop" live>{trouble}</Banner> : null}
      <Select label={RENEW.until} hint={RENEW.untilMore(until)} choices={LENGTHS} value={length} onChange={setLength} />
      <p className="statement">
        <Icon name="shield" size={18} />
        <span>{statement}</span>
      </p>
      <p className="small muted">{RENEW.instead}</p>
    </Dialog>
  );
}
