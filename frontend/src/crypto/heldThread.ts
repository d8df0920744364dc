/** One thread inside the vault: its verified log, and the epoch keys that this person was given. */
import type { SealIn, SealOut } from '../wire.gen';
import type { Directory } from './directory';
import { b64, fromUtf8, unb64, utf8 } from './encoding';
import { encodeEpochStart, encodeHistoryShare, encodeKeyUpdate, parseEntry, parsePayload, signEntry } from './entries';
import type { Entry, Recipient, SignedEntry } from './entries';
import { complianceFingerprint, recordsLabel } from './compliance';
import { parseDirective, parseRevoke } from './directives';
import { parseChange } from './authority';
import { parseEmergency } from './emergency';
import type { EmergencyReader } from './emergency';
import { Ct1Error } from './errors';
import { requireMaySend } from './guards';
import type { Identity } from './keys';
import { Arrived } from './arrived';
import { append, start } from './log';
import { checkPlace, messageHash, parseWire } from './messages';
import { openBody, openEpochSeal } from './opening';
import { identityOf } from './openKeys';
import type { OpenKeys } from './openKeys';
import { equal } from './primitives';
import { threadPhrase } from './safety';
import type { Vouched } from './safety';
import { epochCommitment, newEpochKey, sealEpochKey, sealMessage } from './sealing';
import { acts } from './state';
import type { Member, ThreadState } from './state';
import { Action, Effect, EntryType, EpochReason, GranteeKind, RecipientKind, RevokeKind, Suite } from './tables.gen';
import type { ErrorCode } from './tables.gen';
import type { Batch, LogEvent, LogFacts, MessageWish, OpenedMessage } from './vaultApi';

/** Whether a certificate still covers a member, as everybody asks before sealing. */
function isCertifiedAt(state: ThreadState, directory: Directory, member: Member, nowMs: number): boolean {
  try {
    directory.certificate(member.fp, member.user, member.role, state.roots, nowMs);
    return true;
  } catch (error) {
    if (error instanceof Ct1Error) return false;
    throw error;
  }
}

/** What an entry of a later version of the protocol is refused with. */
const LATER: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['E_UNSUPPORTED', 'E_VERSION', 'E_SUITE']);

export class HeldThread {
  readonly keys: OpenKeys;
  readonly entries: readonly SignedEntry[];
  readonly state: ThreadState;
  readonly directory: Directory;
  /** Why this app is too old for the thread, which it reads as far as it can and does not write in. */
  outdated: ErrorCode | null = null;
  /** Readers whose key took a known one's place without its word, by what this person has seen before. */
  replaced: readonly string[] = [];
  readonly #seals = new Map<number, Uint8Array[]>();
  readonly #epochKeys: Map<number, Uint8Array>;
  readonly #arrived: Arrived;

  private constructor(keys: OpenKeys, entries: readonly SignedEntry[], state: ThreadState, directory: Directory, before: HeldThread | null) {
    this.keys = keys;
    this.entries = entries;
    this.state = state;
    this.directory = directory;
    this.#epochKeys = before ? before.#epochKeys : new Map<number, Uint8Array>();
    this.#arrived = before ? before.#arrived : new Arrived();
  }

  /**
   * Verifies a log, or what has been added to the one that is held; throws E_LOG_ROLLBACK when entries are missing that
   * were there, E_LOG_FORK when they are others, and what `replay` throws.
   */
  static read(keys: OpenKeys, entries: readonly SignedEntry[], directory: Directory, nowMs: number, before: HeldThread | null): HeldThread {
    const known = before?.entries ?? [];
    for (const [index, one] of known.entries()) {
      const same = entries[index];
      if (!same) throw new Ct1Error('E_LOG_ROLLBACK', 'the log is shorter than it was');
      if (!equal(one.body, same.body) || !equal(one.sig, same.sig)) throw new Ct1Error('E_LOG_FORK', 'the log is another than it was');
    }
    const [first] = entries;
    if (!first) throw new Ct1Error('E_LOG_SEQ', 'an empty log');
    let state = before ? before.state : start(first, directory, nowMs);
    let outdated: ErrorCode | null = null;
    for (const entry of entries.slice(state.seq + 1)) {
      try {
        state = append(state, entry, directory, nowMs);
      } catch (error) {
        // An entry of a later version: the thread can be read up to there, and nothing more is written or sent.
        if (!(error instanceof Ct1Error) || !LATER.has(error.code)) throw error;
        outdated = error.code;
        break;
      }
    }
    const held = new HeldThread(keys, entries, state, directory, before);
    held.outdated = outdated;
    return held;
  }

  takeSeals(seals: readonly SealOut[]): void {
    this.#seals.clear();
    for (const { epoch, blob } of seals) this.#seals.set(epoch, [...(this.#seals.get(epoch) ?? []), unb64(blob)]);
  }

  get me(): Member | null {
    return this.state.member(this.keys.user);
  }

  /** The generation that the log knows me by, else the newest. */
  get identity(): Identity {
    const me = this.me;
    const known = me && this.keys.keyring.identities.find((one) => equal(one.fp, me.fp));
    return known ?? identityOf(this.keys);
  }

  /** The key of an epoch; E_NO_EPOCH, E_SEAL_MISSING, or why none of the seals opens. */
  epochKey(number: number): Uint8Array {
    const held = this.#epochKeys.get(number);
    if (held) return held;
    const commit = this.state.epochNumbered(number).start.keyCommit;
    let refusal = new Ct1Error('E_SEAL_MISSING', `no key of epoch ${number} was sealed to this person`);
    for (const blob of this.#seals.get(number) ?? []) {
      for (const identity of this.keys.keyring.identities) {
        try {
          const key = openEpochSeal(blob, this.state.threadId, number, commit, identity);
          this.#epochKeys.set(number, key);
          return key;
        } catch (error) {
          // Another seal, or an older generation, may fit: a wrong key can never be accepted.
          if (!(error instanceof Ct1Error)) throw error;
          refusal = error;
        }
      }
    }
    throw refusal;
  }

  /** The message at `seq`; what another message or another place has claimed before is E_DUP or E_REPLAY. */
  open(wire: string, seq: number): OpenedMessage {
    const sealed = parseWire(unb64(wire));
    const { header } = sealed;
    checkPlace(sealed, this.state, this.directory);
    const body = openBody(sealed, this.epochKey(header.epoch));
    const hash = b64(messageHash(sealed.wire));
    this.#arrived.take(header, hash, seq);
    return {
      msgId: b64(header.msgId),
      sender: b64(header.sender),
      sentAt: header.ts,
      ctype: header.ctype,
      body: fromUtf8(body),
      hash,
      seen: b64(header.seen),
      epoch: header.epoch,
      device: b64(header.device),
    };
  }

  /** This app knows all that the log says; and a hard stop, until the person has compared the new key and taken it: E_KEY_CHANGED. */
  requireKnownKeys(): void {
    if (this.outdated) throw new Ct1Error(this.outdated, 'the thread needs a newer app');
    if (this.replaced.length > 0) throw new Ct1Error('E_KEY_CHANGED', 'the key of somebody who reads here was replaced');
  }

  /** A reader and the root that certifies them; E_NOT_MEMBER. */
  vouched(user: Uint8Array): Vouched {
    const member = this.state.member(user);
    if (!member) throw new Ct1Error('E_NOT_MEMBER', 'nobody to compare with');
    return { fp: member.fp, root: this.state.roots.get(b64(member.org)) ?? new Uint8Array(32) };
  }

  get #phrase(): string {
    const { state } = this;
    const compFp = complianceFingerprint(state.policy.compliancePk);
    return threadPhrase(state.threadId, state.head, [...state.parts.members.values()].map((one) => one.fp), compFp);
  }

  /** The server was set back: places are given anew. */
  forgetArrivals(): void {
    this.#arrived.clear();
  }

  seal(wish: MessageWish): string {
    const { state, identity } = this;
    this.requireKnownKeys();
    requireMaySend(state, this.directory, this.keys.user, wish.now);
    const epoch = state.epochs.length;
    const header = {
      thread: state.threadId,
      epoch,
      sender: this.keys.user,
      senderGen: identity.gen,
      device: unb64(wish.device),
      msgId: unb64(wish.msgId),
      ctr: wish.ctr,
      logSeq: state.seq,
      logHead: state.head,
      seen: unb64(wish.seen),
      ts: wish.now,
      ctype: wish.ctype,
    };
    return b64(sealMessage(header, utf8(wish.body), this.epochKey(epoch), identity).wire);
  }

  facts(nowMs: number): Omit<LogFacts, 'verified'> {
    const { state, me } = this;
    const amEffective = me !== null && state.may(me, Action.READ, nowMs);
    const effective = new Set(state.effective(nowMs).map((one) => b64(one.user)));
    return {
      seq: state.seq,
      head: b64(state.head),
      epoch: state.epochs.length,
      labels: state.genesis.labels.map(fromUtf8),
      patient: b64(state.genesis.patientRef),
      effective: [...effective],
      members: [...state.parts.members.values()].map((one) => ({
        user: b64(one.user),
        fp: b64(one.fp),
        role: one.role,
        org: b64(one.org),
        isAuthority: one.isAuthority,
        isEffective: effective.has(b64(one.user)),
      })),
      amEffective,
      mayAttach: amEffective && state.may(me, Action.ATTACH, nowMs),
      outdated: this.outdated ?? '',
      mayPost: amEffective && !this.outdated && state.may(me, Action.POST, nowMs),
      mayJoin: amEffective && state.may(me, Action.JOIN, nowMs),
      mayAdmit: amEffective && state.leads(me, nowMs),
      owesKeys: amEffective && state.emergencyReaders(nowMs).some((one) => !state.epoch || !state.holds(one.user, state.epochs.length, [one.fp])),
      mustRotate: state.needsRotation(nowMs),
      closed: state.parts.closing !== null,
      mayClose: amEffective && state.leads(me, nowMs) && state.parts.closing === null,
      mustCarryKey: me !== null && this.directory.chain(identityOf(this.keys).fp).some((one) => equal(one, me.fp)),
      unfit: this.#unfit(nowMs),
      keysChanged: [...this.replaced],
      phrase: this.#phrase,
      recordsKey: recordsLabel(state.policy),
      events: this.#events(),
    };
  }

  /** Readers whose key was replaced without the old one's word, or whose certificate ended: they are to be put out. */
  #unfit(nowMs: number): string[] {
    const { state, directory } = this;
    const isUnfit = (one: Member) => directory.wasReset(one.user, one.fp) || !isCertifiedAt(state, directory, one, nowMs);
    return state.effective(nowMs).filter((one) => !acts(one, nowMs) && isUnfit(one)).map((one) => b64(one.user));
  }

  #events(): LogEvent[] {
    return this.entries.slice(0, this.state.seq + 1).flatMap((signed) => {
      const entry = parseEntry(signed.body);
      const event = this.#event(entry);
      return event ? [{ seq: entry.seq, at: entry.ts, author: b64(entry.author), ...event }] : [];
    });
  }

  #event(entry: Entry): Pick<LogEvent, 'kind' | 'user' | 'reason'> | null {
    const payload = parsePayload(entry);
    switch (payload?.type) {
      case 'genesis':
        return { kind: 'started', user: b64(payload.genesis.creator) };
      case 'directive': {
        const directive = parseDirective(payload.signed.body);
        const user = directive.granteeKind === GranteeKind.KEY ? this.#userOf(directive.grantee) : null;
        return { kind: directive.effect === Effect.PERMIT ? 'permitted' : 'denied', user };
      }
      case 'revoke': {
        const { kind, target } = parseRevoke(payload.signed.body);
        const named = kind === RevokeKind.DIRECTIVE ? this.state.parts.directives.get(b64(target))?.grantee : target;
        return { kind: 'withdrawn', user: named ? this.#userOf(named) : null };
      }
      case 'authorityChange':
        // An announcement stands in the log before its time; the same object puts it in place after.
        return { kind: parseChange(payload.signed.body).notBefore > entry.ts ? 'announced' : 'handed-over', user: null };
      case 'policyChange':
        return { kind: 'policy', user: null };
      case 'breakGlass':
        return { kind: 'emergency', user: b64(parseEmergency(payload.signed.body).user) };
      case 'memberAdd':
        return { kind: 'joined', user: b64(payload.add.user) };
      case 'memberRemove':
        return { kind: 'left', user: b64(payload.remove.user) };
      case 'historyShare':
        return { kind: 'history', user: b64(payload.share.user) };
      case 'keyUpdate':
        return { kind: 'key', user: b64(payload.update.user) };
      case 'close':
        return { kind: 'closed', user: null, reason: payload.close.reason };
      default:
        return null;
    }
  }

  #userOf(fp: Uint8Array): string | null {
    const ukr = this.directory.find(fp);
    return ukr ? b64(ukr.user) : null;
  }
}

/** Entries that are about to be sent: each is checked by the same rules that everybody else will apply. */
export class Draft {
  readonly #keys: OpenKeys;
  #identity: Identity;
  readonly #directory: Directory;
  readonly #now: number;
  readonly #entries: SignedEntry[] = [];
  readonly #seals: SealIn[] = [];
  #state: ThreadState | null;

  constructor(keys: OpenKeys, identity: Identity, directory: Directory, nowMs: number, state: ThreadState | null) {
    this.#keys = keys;
    this.#identity = identity;
    this.#directory = directory;
    this.#now = nowMs;
    this.#state = state;
  }

  get state(): ThreadState {
    if (!this.#state) throw new Ct1Error('E_LOG_SEQ', 'an empty log');
    return this.#state;
  }

  /** The time of the next entry: never before the last one's, whatever this device's clock says. */
  get ts(): number {
    return Math.max(this.#now, this.#state?.parts.ts ?? 0);
  }

  add(type: number, payload: Uint8Array): void {
    const before = this.#state;
    const entry: Entry = {
      threadId: before ? before.threadId : new Uint8Array(32),
      seq: before ? before.seq + 1 : 0,
      prev: before ? before.head : new Uint8Array(32),
      author: this.#keys.user,
      authorGen: this.#identity.gen,
      ts: this.ts,
      type,
      payload,
    };
    const signed = signEntry(entry, this.#identity.signSeed);
    this.#state = before ? append(before, signed, this.#directory, this.#now) : start(signed, this.#directory, this.#now);
    this.#entries.push(signed);
  }

  /** As `add`, but says no instead of throwing where a rule of the log forbids it. */
  mayAdd(type: number, payload: Uint8Array): boolean {
    try {
      this.add(type, payload);
      return true;
    } catch (error) {
      if (error instanceof Ct1Error) return false;
      throw error;
    }
  }

  /** Oneself, if one may read with the key that signs here. */
  get me(): Member | null {
    const me = this.state.member(this.#keys.user);
    return me && equal(me.fp, this.#identity.fp) && this.state.may(me, Action.READ, this.ts) ? me : null;
  }

  amEffective(): boolean {
    return this.me !== null;
  }

  continues(oldFp: Uint8Array, newFp: Uint8Array): boolean {
    return this.#directory.chain(newFp).some((one) => equal(one, oldFp));
  }

  isCertified(member: Member): boolean {
    return isCertifiedAt(this.state, this.#directory, member, this.ts);
  }

  wasReset(member: Member): boolean {
    return this.#directory.wasReset(member.user, member.fp);
  }

  /** One's newer key into the log, with which everything after is signed; false where the log refuses it. */
  takeUp(newest: Identity): boolean {
    const before = this.#identity;
    const oldFp = this.state.member(newest.user)?.fp ?? newest.fp;
    const { hash } = this.#directory.ukr(newest.fp);
    this.#identity = newest;
    const isTaken = this.mayAdd(EntryType.KEY_UPDATE, encodeKeyUpdate({ user: newest.user, oldFp, newFp: newest.fp, ukrHash: hash }));
    if (!isTaken) this.#identity = before;
    return isTaken;
  }

  /** An EPOCH with a fresh key, sealed to exactly those who may read at its time; the key stays with the caller. */
  rotate(): Uint8Array {
    const { state } = this;
    const epoch = state.epochs.length + 1;
    const key = newEpochKey();
    const recipients = state.recipients(this.ts);
    const reason = reasonOf(state, recipients);
    const keyCommit = epochCommitment(key, state.threadId);
    this.add(EntryType.EPOCH, encodeEpochStart({ epoch, suite: Suite.X25519, reason, keyCommit, recipients }));
    for (const one of recipients) this.#sealTo(one, epoch, key);
    return key;
  }

  /** HISTORY_SHARE and seals of what a reader may have, has not, and `keyOf` can give; null where it cannot. */
  shareHistory(member: Member | EmergencyReader, keyOf: (epoch: number) => Uint8Array | null): void {
    const { state } = this;
    const floor = state.shareFloor(member, this.ts);
    // To whom a key that is lost was sealed, nothing was given: a reset leaves the person and takes what they held.
    const theirs = [member.fp, ...this.#directory.chain(member.fp)];
    let run: { epoch: number; key: Uint8Array }[] = [];
    for (let epoch = floor; epoch <= state.epochs.length + 1; epoch++) {
      const isDue = epoch <= state.epochs.length && !state.holds(member.user, epoch, theirs) && state.holds(this.#keys.user, epoch);
      const key = isDue ? keyOf(epoch) : null;
      if (key) run.push({ epoch, key });
      else {
        this.#share(member, run);
        run = [];
      }
    }
  }

  #share(member: Member | EmergencyReader, run: readonly { epoch: number; key: Uint8Array }[]): void {
    const first = run[0]?.epoch;
    const last = run[run.length - 1]?.epoch;
    if (first === undefined || last === undefined) return;
    this.add(EntryType.HISTORY_SHARE, encodeHistoryShare({ user: member.user, fp: member.fp, first, last }));
    const recipient = { kind: RecipientKind.MEMBER, id: member.user, fp: member.fp };
    for (const { epoch, key } of run) this.#sealTo(recipient, epoch, key);
  }

  #sealTo(recipient: Recipient, epoch: number, key: Uint8Array): void {
    const isCompliance = recipient.kind === RecipientKind.COMPLIANCE;
    const boxPk = isCompliance ? this.state.policy.compliancePk : this.#directory.ukr(recipient.fp).boxPk;
    const blob = sealEpochKey(key, this.state.threadId, epoch, { user: recipient.id, boxPk });
    this.#seals.push({ epoch, user: b64(recipient.id), blob: b64(blob) });
  }

  batch(): Batch {
    return { entries: this.#entries.map(({ body, sig }) => ({ body: b64(body), sig: b64(sig) })), seals: this.#seals };
  }
}

function reasonOf(state: ThreadState, recipients: readonly Recipient[]): EpochReason {
  if (!state.epoch) return EpochReason.FIRST;
  const before = state.epoch.start.recipients;
  const isIn = (list: readonly Recipient[], one: Recipient) => list.some((other) => equal(other.fp, one.fp));
  const come = recipients.find((one) => !isIn(before, one));
  if (come && before.some((one) => one.kind === come.kind && equal(one.id, come.id))) return EpochReason.KEY_CHANGED;
  if (come) return come.kind === RecipientKind.EMERGENCY ? EpochReason.EMERGENCY : EpochReason.MEMBER_ADDED;
  const gone = before.find((one) => !isIn(recipients, one));
  if (!gone) return EpochReason.AGE;
  return state.member(gone.id) ? EpochReason.CONSENT_CHANGED : EpochReason.MEMBER_REMOVED;
}
