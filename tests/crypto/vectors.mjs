// Asks the client's own code the shared vectors: `node tests/crypto/vectors.mjs FILE…`; a line for each disagreement.
// What each `op` means is in tests/vectors/README.md.
import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { bytesOf, clientCode, directoryOf, fromHex, judged, toHex } from './client.mjs';

const client = await clientCode();

function stateOf(given, now) {
  const directory = directoryOf(client, given.directory);
  return { directory, state: client.replay(given.entries.map(bytesOf), directory, now) };
}

const identityOf = (given) =>
  client.makeIdentity(fromHex(given.user), given.gen, fromHex(given.sign_seed), fromHex(given.box_seed), 0);
const ukrOf = ({ body, pop }) => client.verifyUkr(bytesOf({ body, pop, sig: '' }));
const noticeOf = ({ body, sig, ukr, thread, conf_id }) =>
  client.verifyNotice(fromHex(body), fromHex(sig), ukrOf(ukr), fromHex(thread), fromHex(conf_id));
const joinOf = (body) => client.parseJoin(fromHex(body));

function sealedOf({ att_id, thread, key, header, unit, size }) {
  const content = Buffer.alloc(size, fromHex(unit));
  const drawn = [fromHex(key), fromHex(header)];
  const sealer = new client.FileSealer({ attId: fromHex(att_id), thread: fromHex(thread) }, size, () => drawn.shift());
  const first = sealer.take(new Uint8Array(content));
  const { rest, file } = sealer.done();
  return { sealed: Buffer.concat([first, rest]), file };
}

function read(reader, field) {
  if (field === 'text') return client.fromUtf8(reader.utf8());
  if (field.startsWith('b')) return toHex(reader.fixed(Number(field.slice(1))));
  const value = reader[field]();
  return typeof value === 'number' ? value : toHex(value);
}

const PARSERS = {
  entry: client.parseEntry,
  certificate: client.parseCertificate,
  directive: client.parseDirective,
  revoke: client.parseRevoke,
  change: client.parseChange,
  emergency: client.parseEmergency,
  header: client.parseHeader,
  wire: client.parseWire,
};

const OPERATIONS = {
  digest: ({ label, data }) => ({ hash: toHex(client.digest(label, fromHex(data))) }),
  kdf: ({ key, label, context, size }) => ({ key: toHex(client.kdf(fromHex(key), label, fromHex(context), size)) }),
  sign: ({ seed, label, data }) => ({
    public: toHex(client.signingPair(fromHex(seed)).public),
    sig: toHex(client.sign(fromHex(seed), label, fromHex(data))),
  }),
  verify: (given) => {
    client.verify(fromHex(given.public), given.label, fromHex(given.data), fromHex(given.sig));
    return {};
  },
  box: ({ seed }) => ({ public: toHex(client.boxPair(fromHex(seed)).public) }),
  open_seal: ({ blob, seed }) => ({ plain: toHex(client.openSeal(fromHex(blob), fromHex(seed))) }),
  aead: (given) => {
    const { key, nonce, ciphertext, associated } = bytesOf(given);
    return { plain: toHex(client.aeadOpen(key, nonce, ciphertext, associated)) };
  },
  unpad: ({ data, block }) => ({ body: toHex(client.unpad(fromHex(data), block)) }),
  ce1: ({ data, fields }) => {
    const reader = new client.Reader(fromHex(data));
    const values = fields.map((field) => read(reader, field));
    reader.done();
    return { values };
  },
  object: ({ kind, data }) => {
    PARSERS[kind](fromHex(data));
    return {};
  },
  ukr: ({ body, pop, sig, previous }) => ({
    fp: toHex(client.verifyUkr(bytesOf({ body, pop, sig }), previous && ukrOf(previous)).fp),
  }),
  certificate: ({ body, sig, root }) => {
    client.verifyCertificate(bytesOf({ body, sig }), fromHex(root));
    return { root_fp: toHex(client.rootFingerprint(fromHex(root))) };
  },
  password: ({ password, salt, t, m }) => {
    const { auth, kek } = client.passwordRoot(password, fromHex(salt), t, m);
    return { auth: toHex(auth), kek: toHex(kek) };
  },
  recovery: ({ text, slot_id }) => {
    const code = client.parseRecovery(text);
    const [kek, auth] = [client.recoveryKek(code, fromHex(slot_id)), client.recoveryAuth(code)];
    return { code: toHex(code), auth: toHex(auth), kek: toHex(kek), text: client.recoveryText(code) };
  },
  passkey: ({ prf, credential }) => {
    const kek = client.passkeyKek(fromHex(prf), fromHex(credential));
    return { salt: toHex(client.passkeySalt()), kek: toHex(kek) };
  },
  slot: ({ kek, user, kind, slot_id, t, m, salt, blob }) => {
    const terms = { user: fromHex(user), kind, slotId: fromHex(slot_id), t, m, salt: fromHex(salt) };
    return { umk: toHex(client.unwrapUmk(fromHex(blob), fromHex(kek), terms)) };
  },
  keyring: ({ umk, user, version, blob, newest_gen }) => {
    const ring = client.openKeyring(fromHex(umk), fromHex(user), version, fromHex(blob), newest_gen);
    return {
      gens: ring.identities.map((one) => one.gen),
      sign_seeds: ring.identities.map((one) => toHex(one.signSeed)),
      box_seeds: ring.identities.map((one) => toHex(one.boxSeed)),
      pins_key: toHex(ring.pinsKey),
    };
  },
  directive: (given) => {
    const { body, sig, public: key } = bytesOf(given);
    return { directive_id: toHex(client.verifyDirective(body, key, sig).directiveId) };
  },
  revoke: (given) => {
    const { body, sig, public: key } = bytesOf(given);
    return { revoke_id: toHex(client.verifyRevoke(body, key, sig).revokeId) };
  },
  directory: ({ directory }) => {
    const { refused } = directoryOf(client, directory);
    return { refused: refused.map(({ kind, place, code }) => [kind, place, code]) };
  },
  log: (given) => {
    const { state } = stateOf(given, given.now);
    const hexOf = (text) => toHex(client.unb64(text));
    return {
      thread_id: toHex(state.threadId),
      head: toHex(state.head),
      seq: state.seq,
      epoch: state.epochs.length,
      recipients: state.recipients(given.now).map((one) => toHex(client.recipientBytes(one))),
      members: [...state.parts.members.keys()].map(hexOf).sort(),
      dead: [...state.parts.dead].map(hexOf).sort(),
    };
  },
  epoch_commit: ({ epoch_key, thread }) => ({
    key_commit: toHex(client.epochCommitment(fromHex(epoch_key), fromHex(thread))),
  }),
  epoch_seal: (given) => {
    const { blob, thread, epoch, key_commit } = given;
    const opened = client.openEpochSeal(fromHex(blob), fromHex(thread), epoch, fromHex(key_commit), identityOf(given));
    return { epoch_key: toHex(opened) };
  },
  message: (given) => {
    const { state, directory } = stateOf(given, given.now);
    const wire = fromHex(given.wire);
    const body = client.openMessage(client.parseWire(wire), state, directory, fromHex(given.epoch_key));
    return { body: toHex(body), hash: toHex(client.messageHash(wire)) };
  },
  seal_message: (given) => {
    const { header, body, epoch_key, nonce } = given;
    const draw = () => fromHex(nonce);
    const parsed = client.parseHeader(fromHex(header));
    const sealed = client.sealMessage(parsed, fromHex(body), fromHex(epoch_key), identityOf(given), draw);
    return { wire: toHex(sealed.wire) };
  },
  file_size: ({ size }) => {
    const padded = client.paddedSize(size);
    return { padded, chunks: client.chunkCount(padded), sealed: client.sealedSize(size) };
  },
  seal_file: (given) => {
    const { sealed, file } = sealedOf(given);
    return { head: sealed.subarray(0, 64).toString('hex'), sealed: sealed.length, hash: toHex(file.hash) };
  },
  file: ({ seal, parts, flip, step, open }) => {
    const { sealed } = sealedOf(seal);
    const arrived = Buffer.concat(parts.map(([start, end]) => sealed.subarray(start, end)));
    if (flip >= 0) arrived[flip] ^= 1;
    const named = { key: fromHex(open.key), size: open.size, hash: fromHex(open.hash) };
    const opener = new client.FileOpener(named, { attId: fromHex(open.att_id), thread: fromHex(open.thread) });
    const opened = [];
    for (let at = 0; at < arrived.length; at += step) opened.push(opener.take(new Uint8Array(arrived.subarray(at, at + step))));
    opener.done();
    const content = Buffer.concat(opened);
    return { size: content.length, content: toHex(client.blake2b(new Uint8Array(content))) };
  },
  arrival: ({ headers }) => {
    headers.reduce((seen, header) => seen.then(client.parseHeader(fromHex(header))), new client.Seen());
    return {};
  },
  safety: ({ one, other }) => ({ number: client.safetyNumber(bytesOf(one), bytesOf(other)) }),
  thread_phrase: ({ thread, head, fps, comp_fp }) => ({
    words: client.threadPhrase(fromHex(thread), fromHex(head), fps.map(fromHex), fromHex(comp_fp)),
  }),
  qr: (given) => {
    const { payload, mine, theirs } = bytesOf(given);
    client.checkQr(payload, mine, theirs);
    return {};
  },
  pins: ({ blob, key, user, version, at_least }) => ({
    body: toHex(client.openPins(fromHex(blob), fromHex(key), fromHex(user), version, at_least).encode()),
  }),
  pin_log: (given) => {
    const { state } = stateOf(given, given.now);
    const pin = { seq: given.seq, hash: fromHex(given.hash) };
    return { body: toHex(new client.Pins(new Map([[client.b64(state.threadId), pin]])).afterLog(state).encode()) };
  },
  pin_person: ({ directory, user, pinned, fp, now }) => {
    const pin = { fp: fromHex(pinned), state: 2, at: 1 };
    const known = new client.Pins(new Map(), new Map([[client.b64(fromHex(user)), pin]]));
    return { body: toHex(known.afterPerson(fromHex(user), fromHex(fp), directoryOf(client, directory), now).encode()) };
  },
  may_send: (given) => {
    const { state, directory } = stateOf(given, given.log_now);
    client.requireMaySend(state, directory, fromHex(given.user), given.now, given.sent_in_epoch);
    return {};
  },
  urgency: ({ body, sig, thread, ukr }) => {
    const said = client.verifyUrgency(fromHex(body), fromHex(sig), fromHex(thread), ukrOf(ukr));
    return { priority: said.priority, span: said.ackBy ? said.ackBy - said.ts : 0, n: said.addressees.length };
  },
  ack: ({ body, sig, thread, ukr }) => ({
    msg_id: toHex(client.verifyAck(fromHex(body), fromHex(sig), fromHex(thread), ukrOf(ukr)).msgId),
  }),
  join: ({ body, sig, ukr, thread, conf_id }) => {
    const join = client.verifyJoin(fromHex(body), fromHex(sig), ukrOf(ukr), fromHex(thread), fromHex(conf_id));
    return { rank: toHex(client.rankOf(join)) };
  },
  join_guard: (given) => {
    client.checkJoin(joinOf(given.body), stateOf(given, given.now).state, given.now);
    return {};
  },
  notice: (given) => {
    const notice = noticeOf(given);
    client.checkNotice(notice, given.joins.map(joinOf), given.last_n);
    return { n: notice.n };
  },
  call_seal: ({ blob, e_seed, notice, join }) => ({
    ck: toHex(client.openCallKey(fromHex(blob), fromHex(e_seed), noticeOf(notice), joinOf(join))),
  }),
  frame_key: ({ ck, user, device, n }) => ({
    key: toHex(client.frameKey(fromHex(ck), fromHex(user), fromHex(device), n)),
  }),
  phrase: ({ thread, conf_id, n, e_pks }) => ({
    hash: toHex(client.callPhraseHash(fromHex(thread), fromHex(conf_id), n, e_pks.map(fromHex))),
  }),
};

let asked = 0;
for (const path of process.argv.slice(2)) {
  const { shared = {}, cases } = JSON.parse(await readFile(path, 'utf8'));
  const full = (value) => (typeof value === 'string' && value.startsWith('@') ? shared[value] : value);
  for (const one of cases) {
    const given = Object.fromEntries(Object.entries(one.in).map(([key, value]) => [key, full(value)]));
    const { verdict, out = {} } = judged(client, () => OPERATIONS[one.op](given));
    asked += 1;
    if (verdict !== one.expect) console.log(`${one.name}: ${verdict}, not ${one.expect}`);
    else if (!isDeepStrictEqual(out, one.out ?? {})) console.log(`${one.name}: another answer`);
  }
}
console.log(`${asked} asked`);
