import { useEffect, useState } from 'react';
import type { Consent } from '../../model/consent';
import { cardsOf, type Permission, type PermissionCard } from '../../model/permissions';
import { PERMISSIONS } from '../../model/plain/permissions';
import { receiptFile } from '../../model/receipts';
import { endOf, givenOf, sentencesOf } from '../../model/statement';
import { Avatar, Badge, Button, Card, EmptyState, Page, Spinner, toast } from '../kit';
import { useAct } from '../useAct';
import { useModel, useValue } from '../useModel';
import { ActsForMe } from './ActsForMe';
import { RenewDialog } from './RenewDialog';
import { saveFile } from './saveFile';
import { StopDialog } from './StopDialog';
import { usePlaces } from './usePlaces';

function ReceiptButton({ consent, permission, ofEnd }: { consent: Consent; permission: Permission; ofEnd?: boolean }) {
  const { isActing, trouble, act } = useAct();
  const fetch = () =>
    act(async () => {
      const of = ofEnd && permission.withdrawal ? { withdrawal: permission.withdrawal } : { directive: permission.id };
      saveFile(await receiptFile(consent.patient, of));
    });
  useEffect(() => {
    if (trouble) toast(trouble, 'stop');
  }, [trouble]);
  const name = ofEnd ? PERMISSIONS.endReceiptName(permission.who, permission.givenAt) : PERMISSIONS.receiptName(permission.who, permission.givenAt);
  return (
    <Button look="quiet" size="sm" icon="clipboard" isPending={isActing} onPress={() => void fetch()} aria-label={name}>
      {ofEnd ? PERMISSIONS.endReceipt : PERMISSIONS.receipt}
    </Button>
  );
}

type Shown = { consent: Consent; me: string; owner: string; place: (permission: Permission) => string };

function StateBadge({ permission }: { permission: Permission }) {
  if (permission.state === 'ahead') return <Badge tone="wait">{PERMISSIONS.ahead}</Badge>;
  if (permission.state !== 'active') return <Badge>{PERMISSIONS.over}</Badge>;
  return permission.isDeny ? <Badge tone="stop">{PERMISSIONS.off}</Badge> : <Badge tone="good">{PERMISSIONS.on}</Badge>;
}

function Said({ permission, view, onRenew }: { permission: Permission; view: Shown; onRenew: (() => void) | null }) {
  const sentences = sentencesOf(permission, { place: view.place(permission), owner: view.owner, now: Date.now() });
  const isPast = permission.state !== 'active' && permission.state !== 'ahead';
  return (
    <li className={`said${isPast ? ' said-past' : ''}`}>
      <div className="said-words">
        <StateBadge permission={permission} />
        <p>
          <span className={isPast ? '' : 'strong'}>{sentences[0]}</span> {sentences.slice(1).join(' ')}
        </p>
      </div>
      <p className="small muted">
        {givenOf(permission, view.me)} {isPast ? endOf(permission, view.me) : ''}
      </p>
      <div className="said-acts">
        {onRenew ? (
          <Button look="quiet" size="sm" icon="clock" onPress={onRenew} aria-label={PERMISSIONS.renewName(permission.who)}>
            {PERMISSIONS.renew}
          </Button>
        ) : null}
        <ReceiptButton consent={view.consent} permission={permission} />
        {permission.withdrawal ? <ReceiptButton consent={view.consent} permission={permission} ofEnd /> : null}
      </div>
    </li>
  );
}

function CardOfOne({ card, view, onStop, onRenew }: { card: PermissionCard; view: Shown; onStop: () => void; onRenew: (permission: Permission) => void }) {
  const standing = [...card.permits, ...card.denies];
  const [isOpen, setOpen] = useState(false);
  const about = [card.role, card.organisation].filter(Boolean).join(' · ');
  const titleId = `person-${card.key.replace(/\W/g, '')}`;
  return (
    <li className="card person-card" aria-labelledby={titleId}>
      <header className="person-head">
        <Avatar name={card.who} />
        <div className="grow stack-0">
          <h2 id={titleId}>{card.who}</h2>
          {about ? <p className="small muted">{about}</p> : null}
        </div>
        {card.permits.length ? (
          <Button look="danger-quiet" onPress={onStop} aria-label={PERMISSIONS.stopName(card.who)}>
            {PERMISSIONS.stop}
          </Button>
        ) : card.denies.length ? (
          <Button onPress={onStop} aria-label={PERMISSIONS.allowName(card.who)}>
            {PERMISSIONS.allow}
          </Button>
        ) : null}
      </header>
      {standing.length ? (
        <ul className="stack">
          {standing.map((one) => (
            <Said key={one.id} permission={one} view={view} onRenew={!one.isDeny && one.isKey && one.user ? () => onRenew(one) : null} />
          ))}
        </ul>
      ) : null}
      {card.past.length ? (
        <div className="stack-2 past-of-one">
          <Button look="quiet" size="sm" icon={isOpen ? 'chevronDown' : 'chevronRight'} aria-expanded={isOpen} onPress={() => setOpen(!isOpen)}>
            {PERMISSIONS.pastOf(card.past.length)}
          </Button>
          {isOpen ? (
            <ul className="stack">
              {card.past.map((one) => (
                <Said key={one.id} permission={one} view={view} onRenew={null} />
              ))}
            </ul>
          ) : null}
        </div>
      ) : null}
    </li>
  );
}

/** One card a person: what they may and may not, who said so, what ended, and one plain button to stop. */
export function PermissionCards({ consent, owner }: { consent: Consent; owner: string }) {
  const { session } = useModel();
  const me = useValue(session.me)?.name ?? '';
  const permissions = useValue(consent.permissions);
  const placeOf = usePlaces((permissions ?? []).flatMap((one) => one.threads));
  const place = (one: Permission) => (one.threads.length === 1 ? placeOf(one.threads[0], one.user) : '');
  const [stopping, setStopping] = useState<PermissionCard | null>(null);
  const [renewing, setRenewing] = useState<Permission | null>(null);
  if (permissions === null) return <Spinner label={PERMISSIONS.loading} />;
  const cards = cardsOf(permissions);
  const standing = cards.filter((card) => card.permits.length || card.denies.length);
  const ended = cards.filter((card) => !card.permits.length && !card.denies.length);
  const shown = (some: PermissionCard[]) =>
    some.map((card) => (
      <CardOfOne key={card.key} card={card} view={{ consent, me, owner, place }} onStop={() => setStopping(card)} onRenew={setRenewing} />
    ));
  return (
    <>
      {standing.some((card) => card.permits.length) ? null : (
        <Card>
          <EmptyState icon="key" title={owner ? PERMISSIONS.noneFor : PERMISSIONS.none}>
            {owner ? PERMISSIONS.noneForMore(owner) : PERMISSIONS.noneMore}
          </EmptyState>
        </Card>
      )}
      {standing.length ? (
        <ul className="stack" aria-label={PERMISSIONS.inForce}>
          {shown(standing)}
        </ul>
      ) : null}
      {ended.length ? (
        <section className="stack" aria-labelledby="past">
          <h2 id="past">{PERMISSIONS.past}</h2>
          <ul className="stack">{shown(ended)}</ul>
        </section>
      ) : null}
      {cards.length ? <p className="small muted">{PERMISSIONS.receiptMore}</p> : null}
      {stopping ? <StopDialog consent={consent} card={stopping} onClose={() => setStopping(null)} /> : null}
      {renewing ? <RenewDialog consent={consent} permission={renewing} owner={owner} onClose={() => setRenewing(null)} /> : null}
    </>
  );
}

export function PermissionsPage() {
  const { consent } = useModel();
  return (
    <Page title={PERMISSIONS.title} width="narrow" lead={PERMISSIONS.lead}>
      <PermissionCards consent={consent} owner="" />
      <ActsForMe />
    </Page>
  );
}
