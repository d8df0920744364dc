/** Permissions as their patient sees them: each a fact with its end, and all of one person on one card. */
import { GranteeKind, HistoryKind } from '../crypto/tables.gen';
import type { DirectiveOut, Ending } from '../wire.gen';

export type Permission = {
  id: string;
  who: string;
  role: string;
  organisation: string;
  /** The person's account, where it names one. */
  user: string | null;
  isKey: boolean;
  /** The grantee as the directive has it: a key's fingerprint, an organisation's id, a role, or ''. */
  grantee: string;
  isDeny: boolean;
  actions: number;
  history: 'all' | 'none' | 'date';
  historyKind: number;
  historyFrom: number;
  from: number;
  until: number;
  givenAt: number;
  endedAt: number | null;
  state: 'active' | 'ahead' | 'withdrawn' | 'replaced' | 'over';
  threads: string[];
  labels: string[];
  voice: DirectiveOut['voice'];
  method: DirectiveOut['method'];
  givenBy: string[];
  endedBy: string[];
  withdrawal: string | null;
  statement: string;
  server: string;
  purposes: string[];
};

export type PermissionCard = {
  key: string;
  who: string;
  role: string;
  organisation: string;
  permits: Permission[];
  denies: Permission[];
  past: Permission[];
};

const STATES: Record<DirectiveOut['state'], Permission['state']> = {
  active: 'active',
  not_yet: 'ahead',
  revoked: 'withdrawn',
  superseded: 'replaced',
  expired: 'over',
};

function historyOf(directive: DirectiveOut): Permission['history'] {
  if (directive.history === HistoryKind.ALL) return 'all';
  return directive.history === HistoryKind.FROM_DATE ? 'date' : 'none';
}

function granteeOf(directive: DirectiveOut): string {
  if (directive.grantee_name) return directive.grantee_name;
  if (directive.grantee_kind === GranteeKind.ROLE) return `Every ${directive.grantee_role} who looks after you`;
  return directive.grantee_organisation ? `Everyone at ${directive.grantee_organisation}` : 'Everyone who looks after you';
}

export function permissionOf(directive: DirectiveOut, end: Ending | undefined): Permission {
  return {
    id: directive.id,
    who: granteeOf(directive),
    role: directive.grantee_kind === GranteeKind.KEY ? directive.grantee_role : '',
    organisation: directive.grantee_kind === GranteeKind.KEY ? directive.grantee_organisation : '',
    user: directive.grantee_user,
    isKey: directive.grantee_kind === GranteeKind.KEY,
    grantee: directive.grantee,
    isDeny: directive.effect === 'deny',
    actions: directive.actions,
    history: historyOf(directive),
    historyKind: directive.history,
    historyFrom: directive.history_from,
    from: directive.nbf,
    until: directive.exp,
    givenAt: directive.given_at,
    endedAt: end?.at ?? directive.ended_at,
    state: STATES[directive.state],
    threads: directive.threads,
    labels: directive.labels,
    voice: directive.voice,
    method: directive.method,
    givenBy: directive.given_by,
    endedBy: end?.by ?? [],
    withdrawal: end?.withdrawal ?? null,
    statement: directive.statement,
    server: directive.server,
    purposes: directive.purposes,
  };
}

const isInForce = (one: Permission) => one.state === 'active' || one.state === 'ahead';

/** One card a person, organisation or group: those with something in force first, by name. */
export function cardsOf(permissions: readonly Permission[]): PermissionCard[] {
  const found = new Map<string, PermissionCard>();
  for (const one of permissions) {
    const key = one.user ?? `${one.who} ${one.grantee}`;
    const card = found.get(key) ?? { key, who: one.who, role: one.role, organisation: one.organisation, permits: [], denies: [], past: [] };
    if (!isInForce(one)) card.past.push(one);
    else if (one.isDeny) card.denies.push(one);
    else card.permits.push(one);
    found.set(key, card);
  }
  const standing = (card: PermissionCard) => (card.permits.length ? 0 : card.denies.length ? 1 : 2);
  return [...found.values()].sort((one, other) => standing(one) - standing(other) || one.who.localeCompare(other.who));
}
