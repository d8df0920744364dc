// The client makes a thread, keys, slots and a call with fresh keys, and writes them as vectors: Python must read them.
// `node tests/crypto/speak.mjs > vectors.json`, in the format of tests/vectors/README.md.
import { clientCode, toHex } from './client.mjs';

const client = await clientCode();
const NOW = 1_800_000_000_000;
const DAY = 86_400_000;
const random = client.randomBytes;
const none = new Uint8Array(0);
const cases = [];
const say = (name, op, given, out = {}) => cases.push({ name, op, in: given, expect: 'ok', out });
const hexOf = (record) => Object.fromEntries(Object.entries(record).map(([key, raw]) => [key, toHex(raw)]));

const rootSeed = random(32);
const rootPk = client.signingPair(rootSeed).public;
const org = random(16);

function person(kind, role) {
  const identity = client.newIdentity(random(16), 1, NOW);
  const terms = { certId: random(16), org, subject: identity.user, subjectFp: identity.fp, kind, roles: [role], method: 1 };
  const certificate = client.issueCertificate(rootSeed, { ...terms, nbf: NOW - DAY, exp: NOW + DAY });
  return { identity, role, ukr: client.makeUkr(identity, NOW), certificate };
}

const maya = person(2, 0);
const elena = person(1, 1);
const people = [maya, elena];
const directory = {
  ukrs: people.map(({ ukr }) => hexOf(ukr)),
  certificates: people.map(({ certificate }) => hexOf(certificate)),
  roots: [toHex(rootPk)],
};

for (const [name, { identity, ukr, certificate }] of Object.entries({ maya, elena })) {
  say(`the key of ${name}`, 'ukr', { ...hexOf(ukr), previous: null }, { fp: toHex(identity.fp) });
  const root_fp = toHex(client.rootFingerprint(rootPk));
  say(`the certificate of ${name}`, 'certificate', { ...hexOf(certificate), root: toHex(rootPk) }, { root_fp });
}

const entries = [];
let threadId = client.NO_HASH;
let head = client.NO_HASH;

function write(author, type, payload) {
  const { user, gen, signSeed } = author.identity;
  const frame = { threadId, seq: entries.length, prev: head, author: user, authorGen: gen, ts: NOW, type, payload };
  const signed = client.signEntry(frame, signSeed);
  if (entries.length === 0) threadId = client.digest('CT1:thread-id', signed.body);
  head = client.entryHash(signed);
  entries.push(signed);
}

const patientRef = random(16);
const fixed = { epochMaxAgeS: 604_800, epochMaxMsgs: 10_000, flags: 0, compliancePk: client.NO_HASH, complianceLabel: none };
write(elena, 1, client.encodeGenesis({
  ...fixed,
  nonce: random(32),
  patientRef,
  authKind: 1,
  authorities: [{ user: maya.identity.user, fp: maya.identity.fp }],
  quorum: 1,
  roots: [{ org, fp: client.rootFingerprint(rootPk) }],
  creator: elena.identity.user,
  creatorFp: elena.identity.fp,
  creatorRole: elena.role,
  labels: [client.utf8('ETH'), client.utf8('Zoë')],
}));

const consent = { patientRef, authFp: maya.identity.fp };
const directiveId = random(16);
const directive = client.encodeDirective({
  ...consent,
  directiveId,
  effect: 1,
  authKind: 1,
  granteeKind: 1,
  grantee: elena.identity.fp,
  actions: 31,
  threads: [threadId],
  labels: [client.utf8('ETH'), client.utf8('Zoë')],
  purposes: [client.utf8('TREAT')],
  history: 2,
  historyFrom: 0,
  nbf: NOW,
  exp: NOW + 30 * DAY,
  supersedes: [],
  textHash: client.statementHash('Dr. Marsh may read and write.'),
  server: client.utf8('{}'),
});
const { signSeed, fp } = maya.identity;
const public_ = toHex(client.signingPair(signSeed).public);
const sig = client.signDirective(signSeed, directive);
say('a directive', 'directive', { body: toHex(directive), sig: toHex(sig), public: public_ }, { directive_id: toHex(directiveId) });
write(maya, 2, client.encodeSigned({ body: directive, signers: [{ fp, sig }] }));

const revokeId = random(16);
const revoke = client.encodeRevoke({ ...consent, revokeId, kind: 3, target: none, ts: NOW, reason: 1 });
const given = { body: toHex(revoke), sig: toHex(client.signRevoke(signSeed, revoke)), public: public_ };
say('a withdrawal', 'revoke', given, { revoke_id: toHex(revokeId) });

const epochKey = client.newEpochKey();
const keyCommit = client.epochCommitment(epochKey, threadId);
const recipients = people
  .map(({ identity }) => ({ kind: 1, id: identity.user, fp: identity.fp }))
  .sort((one, other) => client.compare(client.recipientBytes(one), client.recipientBytes(other)));
write(elena, 6, client.encodeEpochStart({ epoch: 1, suite: 1, reason: 1, keyCommit, recipients }));

const log = { directory, entries: entries.map(hexOf), now: NOW };
say('a thread', 'log', log, {
  thread_id: toHex(threadId),
  head: toHex(head),
  seq: 2,
  epoch: 1,
  recipients: recipients.map((one) => toHex(client.recipientBytes(one))),
  members: people.map(({ identity }) => toHex(identity.user)).sort(),
  dead: [],
});
say('may send', 'may_send', { ...log, log_now: NOW, user: toHex(elena.identity.user), sent_in_epoch: 0 });

const seeds = { user: maya.identity.user, sign_seed: signSeed, box_seed: maya.identity.boxSeed };
const blob = client.sealEpochKey(epochKey, threadId, 1, maya.identity);
const seal = { ...hexOf({ ...seeds, blob, thread: threadId, key_commit: keyCommit }), epoch: 1, gen: 1 };
say("the epoch's key", 'epoch_seal', seal, { epoch_key: toHex(epochKey) });

for (const size of [0, 255, 256, 4095, 4096, 65_536]) {
  const header = {
    thread: threadId, epoch: 1, sender: elena.identity.user, senderGen: 1, device: random(16), msgId: random(16), ctr: 1,
    logSeq: 2, logHead: head, seen: client.NO_SEEN, ts: NOW, ctype: 1,
  };
  const body = random(size);
  const { wire } = client.sealMessage(header, body, epochKey, elena.identity);
  const out = { body: toHex(body), hash: toHex(client.messageHash(wire)) };
  say(`a message of ${size} bytes`, 'message', { ...log, wire: toHex(wire), epoch_key: toHex(epochKey) }, out);
}

const umk = random(32);
const kek = random(32);
const terms = { user: maya.identity.user, kind: 1, slotId: random(16), t: 3, m: 67_108_864, salt: random(16) };
const slot = client.wrapUmk(umk, kek, terms);
const slotHex = hexOf({ kek, user: terms.user, slot_id: terms.slotId, salt: terms.salt, blob: slot });
say('a slot', 'slot', { ...slotHex, kind: 1, t: 3, m: 67_108_864 }, { umk: toHex(umk) });

const pinsKey = random(32);
const ring = client.sealKeyring(umk, terms.user, 1, { identities: [maya.identity], pinsKey });
const ringHex = hexOf({ umk, user: terms.user, blob: ring });
say('a keyring', 'keyring', { ...ringHex, version: 1, newest_gen: 1 }, {
  gens: [1],
  sign_seeds: [toHex(signSeed)],
  box_seeds: [toHex(maya.identity.boxSeed)],
  pins_key: toHex(pinsKey),
});

const confId = random(16);
const call = { thread: toHex(threadId), conf_id: toHex(confId) };
const joins = people.map((one) => {
  const eSeed = random(32);
  const { user, fp: own } = one.identity;
  const ePk = client.boxPair(eSeed).public;
  return { one, eSeed, join: { thread: threadId, confId, user, fp: own, device: random(16), ePk, logHead: head, ts: NOW } };
});
for (const { one, join } of joins) {
  const body = toHex(client.encodeJoin(join));
  const ukr = hexOf({ body: one.ukr.body, pop: one.ukr.pop });
  const signed = { body, sig: toHex(client.signJoin(join, one.identity)), ukr, ...call };
  say(`the join of role ${one.role}`, 'join', signed, { rank: toHex(client.rankOf(join)) });
  say(`role ${one.role} may join`, 'join_guard', { ...log, body });
}

const present = joins.map(({ join }) => join);
const leader = joins.find(({ join }) => join === client.leads(present));
const ck = random(32);
const notice = client.makeNotice(leader.join, 1, ck, present);
const noticeHex = {
  body: toHex(client.encodeNotice(notice)),
  sig: toHex(client.signNotice(notice, leader.one.identity)),
  ukr: hexOf({ body: leader.one.ukr.body, pop: leader.one.ukr.pop }),
  ...call,
};
const bodies = present.map((join) => toHex(client.encodeJoin(join)));
say('a call key', 'notice', { ...noticeHex, joins: bodies, last_n: 0 }, { n: 1 });
for (const { eSeed, join } of joins) {
  const sealed = toHex(client.sealCallKey(ck, 1, join));
  const asked = { blob: sealed, e_seed: toHex(eSeed), notice: noticeHex, join: toHex(client.encodeJoin(join)) };
  say(`the call key for ${toHex(join.device)}`, 'call_seal', asked, { ck: toHex(ck) });
}

console.log(JSON.stringify({ name: 'from the client', cases }));
