// Generated from wire/*.py by `make wire`. Do not edit.

export interface Wire {}
/**
 * `GET /api/patients/{id}/care-team`, for the team and the patient.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "CareTeam".
 */
export interface CareTeam {
  people: CareTeamPerson[];
}
/**
 * One who treats or serves a patient; `role` is the CT1 role number.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "CareTeamPerson".
 */
export interface CareTeamPerson {
  user: string;
  name: string;
  organisation: string;
  organisation_name: string;
  role: number;
  since: number;
}
/**
 * A certificate body and its issuer's signature.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "CertificateBlob".
 */
export interface CertificateBlob {
  body: string;
  sig: string;
}
/**
 * `PUT /api/keys/password`: the new `auth` and password slot together; every other session ends.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "ChangePassword".
 */
export interface ChangePassword {
  current_auth: string;
  auth: string;
  slot: SlotIn;
}
/**
 * A wrapped user master key: kind 1 password, 2 passkey, 3 recovery code (which also brings `rc_auth`).
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "SlotIn".
 */
export interface SlotIn {
  kind: 1 | 2 | 3;
  slot_id: string;
  salt: string;
  t: number;
  m: number;
  blob: string;
  rc_auth: string | null;
}
/**
 * `GET /api/config`, without a session: what a client must know before anybody signs in.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "Config".
 */
export interface Config {
  protocol: number;
  build: string;
  demo: boolean;
  now: number;
  organisations: OrganisationOut[];
}
/**
 * An organisation; clients pin `root_fp` and verify certificates with `root_pk`.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "OrganisationOut".
 */
export interface OrganisationOut {
  id: string;
  name: string;
  kind: string;
  zone: string;
  root_pk: string;
  root_fp: string;
}
/**
 * `GET /api/demo/cast`, in demonstration mode alone: who can be played, and with which password.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "DemoCast".
 */
export interface DemoCast {
  people: DemoPerson[];
  password: string;
}
/**
 * One of the demonstration cast; `window` is the host label that keeps this person's window apart.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "DemoPerson".
 */
export interface DemoPerson {
  name: string;
  email: string;
  role: string;
  organisation: string;
  window: string;
}
/**
 * `POST /api/devices`: this browser, under an id it made; an id that another person uses is a conflict.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "DeviceIn".
 */
export interface DeviceIn {
  id: string;
  label: string;
}
/**
 * A device one signed in from; `current` is the one that asks (header `X-Device`).
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "DeviceOut".
 */
export interface DeviceOut {
  id: string;
  label: string;
  created: number;
  last_seen: number;
  current: boolean;
}
/**
 * `GET /api/devices`; `DELETE /api/devices/{id}` forgets one; `POST /api/sign-out-everywhere` ends sessions.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "Devices".
 */
export interface Devices {
  devices: DeviceOut[];
}
/**
 * A clinician who can be invited; `role` is the CT1 role number.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "DirectoryEntry".
 */
export interface DirectoryEntry {
  user: string;
  name: string;
  organisation: string;
  organisation_name: string;
  role: number;
  fp: string;
}
/**
 * `GET /api/directory?query=&page=`: clinicians by name or organisation, 50 a page, from page 1.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "DirectoryPage".
 */
export interface DirectoryPage {
  people: DirectoryEntry[];
  page: number;
  more: boolean;
}
/**
 * The act is done and has nothing to tell.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "Done".
 */
export interface Done {
  ok: true;
}
/**
 * `POST /api/keys/enrol`: the first keys of the account that is signed in; answered with `MyKeys`.
 *
 * `slots` holds a password slot and a recovery slot at least. The name is what colleagues will see.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "EnrolKeys".
 */
export interface EnrolKeys {
  enrolment_code: string;
  name: string;
  ukr: UkrBlob;
  /**
   * @minItems 2
   * @maxItems 8
   */
  slots:
    | [SlotIn, SlotIn]
    | [SlotIn, SlotIn, SlotIn]
    | [SlotIn, SlotIn, SlotIn, SlotIn]
    | [SlotIn, SlotIn, SlotIn, SlotIn, SlotIn]
    | [SlotIn, SlotIn, SlotIn, SlotIn, SlotIn, SlotIn]
    | [SlotIn, SlotIn, SlotIn, SlotIn, SlotIn, SlotIn, SlotIn]
    | [SlotIn, SlotIn, SlotIn, SlotIn, SlotIn, SlotIn, SlotIn, SlotIn];
  keyring: KeyringBlob;
}
/**
 * A signed user key record: `pop` by its own key, `sig` by the previous one (empty for the first).
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "UkrBlob".
 */
export interface UkrBlob {
  ukr: string;
  pop: string;
  sig: string;
}
/**
 * A person's private keys, sealed by the user master key (CT1 keyring).
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "KeyringBlob".
 */
export interface KeyringBlob {
  version: number;
  blob: string;
}
/**
 * What a valid code enrols its bearer as; `role` is the CT1 role number.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "EnrolmentOffer".
 */
export interface EnrolmentOffer {
  organisation: OrganisationOut;
  kind: "staff" | "patient";
  role: number;
  expires: number;
}
/**
 * `POST /api/enrolments/look`, without a session: what a code is for.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "EnrolmentQuestion".
 */
export interface EnrolmentQuestion {
  code: string;
}
/**
 * What a refused HTTP request answers: `code` for programs, `message` for people, `re` the field or id meant.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "ErrorBody".
 */
export interface ErrorBody {
  code: string;
  message: string;
  re: string;
}
/**
 * Server → client: the frame named by `re` was refused; nothing was written.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "ErrorFrame".
 */
export interface ErrorFrame {
  type: "error";
  code: string;
  message: string;
  re: string;
}
/**
 * `POST /api/recovery/finish`: sets `auth` and the password slot together and ends every session.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "FinishRecovery".
 */
export interface FinishRecovery {
  email: string;
  rc_auth: string;
  auth: string;
  slot: SlotIn;
}
/**
 * Client → server, first on every socket at `/ws`: which protocol, which device, and how far each thread is held.
 *
 * `heads` maps a thread id to the highest `seq` that the device holds without a gap.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "Hello".
 */
export interface Hello {
  type: "hello";
  protocol: number;
  device: string;
  heads: {
    [k: string]: number;
  };
}
/**
 * As RTCIceServer; the credential lives for minutes and is issued after consent was asked.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "IceServer".
 */
export interface IceServer {
  urls: string[];
  username: string;
  credential: string;
}
/**
 * `POST /api/patients/{id}/care-team`: a colleague of the patient's organisation joins; repeats are one row.
 *
 * `DELETE /api/patients/{id}/care-team/{user}` ends it.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "JoinCareTeam".
 */
export interface JoinCareTeam {
  user: string;
}
/**
 * One conf-seal: the call key `ck_n` sealed to one device's `e_pk`; the server cannot open it.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "KeySeal".
 */
export interface KeySeal {
  user: string;
  device: string;
  sealed: string;
}
/**
 * `POST /api/people/keys`: whose keys; those one may not see are left out without a word.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "KeysQuestion".
 */
export interface KeysQuestion {
  /**
   * @maxItems 200
   */
  users: string[];
}
/**
 * The Argon2id parameters of an address; the same made-up answer every time for an unknown one.
 *
 * A new account uses this answer's salt for its first password slot, so that a sign-up that broke off before
 * enrolment can be resumed by signing in. Memory `m` in bytes, `t` passes.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "LoginParameters".
 */
export interface LoginParameters {
  salt: string;
  t: number;
  m: number;
}
/**
 * `POST /api/login-parameters`, without a session.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "LoginQuestion".
 */
export interface LoginQuestion {
  email: string;
}
/**
 * `GET /api/me`: who is signed in; `enrolled` is false until keys exist.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "Me".
 */
export interface Me {
  id: string;
  email: string;
  name: string;
  kind: "staff" | "patient" | "none";
  enrolled: boolean;
  fp: string | null;
  gen: number;
  posts: Post[];
  patient: string | null;
  zone: string;
}
/**
 * A post held at an organisation; `role` is the CT1 role number.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "Post".
 */
export interface Post {
  organisation: string;
  organisation_name: string;
  role: number;
  licence: string;
  since: number;
}
/**
 * `GET /api/keys/mine`: all that a fresh browser needs to open this person's keys with the password.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "MyKeys".
 */
export interface MyKeys {
  user: string;
  bundles: UkrBlob[];
  certificates: CertificateBlob[];
  slots: SlotOut[];
  keyring: KeyringBlob;
}
/**
 * A wrapped user master key, as stored.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "SlotOut".
 */
export interface SlotOut {
  kind: number;
  slot_id: string;
  salt: string;
  t: number;
  m: number;
  blob: string;
}
/**
 * `POST /api/patients`: enrols a patient of one's own organisation; retry-safe by the client-made `id`.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "NewPatient".
 */
export interface NewPatient {
  id: string;
  name: string;
  birth_date: string;
  zone: string;
}
/**
 * `POST /api/recovery/open`, without a session and rate limited: the slot that a recovery code opens.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "OpenRecovery".
 */
export interface OpenRecovery {
  email: string;
  rc_auth: string;
}
/**
 * A patient and the one-time code to hand over; `POST /api/patients/{id}/enrolment` makes a new one.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "PatientEnrolment".
 */
export interface PatientEnrolment {
  patient: PatientOut;
  enrolment_code: string;
  expires: number;
}
/**
 * A patient of one's caseload; `account` and `fp` are null until the patient has signed up.
 *
 * `role` is one's own role on this care team (a CT1 role number); `id` is the CT1 `patient_ref`.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "PatientOut".
 */
export interface PatientOut {
  id: string;
  name: string;
  birth_date: string;
  organisation: string;
  zone: string;
  account: string | null;
  fp: string | null;
  role: number;
  since: number;
}
/**
 * `GET /api/patients?page=`: one's caseload by name, 100 a page, from page 1.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "PatientsPage".
 */
export interface PatientsPage {
  patients: PatientOut[];
  page: number;
  more: boolean;
}
/**
 * The answer to `KeysQuestion`.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "PeopleKeys".
 */
export interface PeopleKeys {
  people: PersonKeys[];
}
/**
 * A person's public keys of every generation, oldest first, and the certificates over them.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "PersonKeys".
 */
export interface PersonKeys {
  user: string;
  name: string;
  kind: "staff" | "patient";
  bundles: UkrBlob[];
  certificates: CertificateBlob[];
}
/**
 * Why a person may be in the call: the directive, who gave it and since when. Empty for the patient.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "Permission".
 */
export interface Permission {
  directive: string;
  granted_by: string;
  since: number;
}
/**
 * Client → server every 20 seconds; a socket that is silent for 60 is closed.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "Ping".
 */
export interface Ping {
  type: "ping";
  id: number;
}
/**
 * Server → client: the heartbeat with the heads the device may see, so a lost push costs one heartbeat at most.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "Pong".
 */
export interface Pong {
  type: "pong";
  id: number;
  heads: {
    [k: string]: number;
  };
}
/**
 * What the bearer of the recovery code needs to reach the keys and to make a new password slot.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "RecoverySlot".
 */
export interface RecoverySlot {
  user: string;
  slot: SlotOut;
  bundles: UkrBlob[];
  keyring: KeyringBlob;
}
/**
 * Client → server, host only: let this person in. Answer: `room.done`.
 *
 * A patient is put on hold at admission while `hold` is true (clinicians meet first); `room.hold` ends it.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "RoomAdmit".
 */
export interface RoomAdmit {
  type: "room.admit";
  id: string;
  room: string;
  user: string;
  hold: boolean;
}
/**
 * Server → client: admitted. The ticket is for one `room.connect`, until `expires`; knock again for another.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "RoomAdmitted".
 */
export interface RoomAdmitted {
  type: "room.admitted";
  room: string;
  ticket: string;
  expires: number;
  ice_servers: IceServer[];
}
/**
 * Client → server: the answer to `room.offer` number `offer` of that connection. Answer: `room.done`.
 *
 * An answer to an offer that is no longer outstanding is ignored.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "RoomAnswer".
 */
export interface RoomAnswer {
  type: "room.answer";
  id: string;
  room: string;
  pc: "pub" | "sub";
  offer: number;
  sdp: string;
}
/**
 * Server → client, to the one concerned: close both connections and wipe the call's keys.
 *
 * `stop`: do not come back. `rejoin`: the forwarder lost you, knock again. `replaced`: another device of yours
 * took over.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "RoomBye".
 */
export interface RoomBye {
  type: "room.bye";
  room: string;
  action: "stop" | "rejoin" | "replaced";
  reason:
    | ("consent_withdrawn" | "by_host" | "conflict_of_interest" | "disturbance" | "expired")
    | ("closed" | "media_lost" | "left" | "");
}
/**
 * Client → server, host only: end the call for everybody. Answer: `room.done`, and `room.bye` to all.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "RoomClose".
 */
export interface RoomClose {
  type: "room.close";
  id: string;
  room: string;
}
/**
 * Client → server: the ticket for media, with this device's signed conf-join. Answer: `room.done`, then `room.offer`.
 *
 * It makes two fresh connections and drops those the person had: it is the ICE restart too (knock again for
 * a new ticket).
 * A second device of the same person takes the place of the first, which gets `room.bye`.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "RoomConnect".
 */
export interface RoomConnect {
  type: "room.connect";
  id: string;
  room: string;
  device: string;
  ticket: string;
  join: string;
}
/**
 * Server → client: the command `re` was carried out, now or when it was first sent.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "RoomDone".
 */
export interface RoomDone {
  type: "room.done";
  re: string;
}
/**
 * Server → client, to those who remain: this person was put out and receives nothing any more: re-key now.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "RoomEvicted".
 */
export interface RoomEvicted {
  type: "room.evicted";
  room: string;
  user: string;
  reason: "consent_withdrawn" | "by_host" | "conflict_of_interest" | "disturbance" | "expired";
}
/**
 * Client → server, host only: on hold a person stays, and neither sends nor receives. Answer: `room.done`.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "RoomHold".
 */
export interface RoomHold {
  type: "room.hold";
  id: string;
  room: string;
  user: string;
  on: boolean;
}
/**
 * Client → server, from the key leader: key number `n`, its signed commitment, one seal a device.
 *
 * Answer: `room.done`. Relayed to the devices that are connected at that
 * moment; seals for anyone else are dropped, not refused.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "RoomKey".
 */
export interface RoomKey {
  type: "room.key";
  id: string;
  room: string;
  n: number;
  commitment: string;
  /**
   * @maxItems 64
   */
  seals: KeySeal[];
}
/**
 * Server → client: key number `n` for this device, as the leader sealed it; verify, then open.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "RoomKeys".
 */
export interface RoomKeys {
  type: "room.keys";
  room: string;
  n: number;
  leader: string;
  leader_device: string;
  commitment: string;
  sealed: string;
}
/**
 * Client → server: let me in. Sent again after a reconnect, it is the resume. Answer: `room.done`.
 *
 * A person who is admitted already gets `room.admitted` with a fresh ticket; all others wait for the host.
 * `media_unavailable` if the forwarder does not answer.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "RoomKnock".
 */
export interface RoomKnock {
  type: "room.knock";
  id: string;
  room: string;
  device: string;
}
/**
 * Client → server: I hang up. The door stays open: knock again to return. Answer: `room.done`.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "RoomLeave".
 */
export interface RoomLeave {
  type: "room.leave";
  id: string;
  room: string;
}
/**
 * Server → client: offer number `offer` of a connection. m-lines that are not in `tracks` are inactive.
 *
 * `call` is new at every `room.connect`: an offer of another `call` means fresh peer connections.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "RoomOffer".
 */
export interface RoomOffer {
  type: "room.offer";
  room: string;
  call: number;
  pc: "pub" | "sub";
  offer: number;
  sdp: string;
  tracks: RoomTrack[];
}
/**
 * Whose media an m-line of a `sub` offer carries; in a `pub` offer, which kind goes into it (`user` is you).
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "RoomTrack".
 */
export interface RoomTrack {
  mid: string;
  user: string;
  kind: "audio" | "video" | "screen";
}
/**
 * One entry of the roster: who, in which role and house, by whose permission, since when, and in what state.
 *
 * `state` is `connected` for those, and only those, who can see and hear the room: keys are sealed to them
 * alone. `since` is when that state began.
 * `purpose` is the part in this call ("case manager, invited by Dr. Marsh"). `device` and `join` (the signed
 * CT1 conf-join) are there while a device is connected or on hold, and null otherwise.
 * `publishing` is what the forwarder receives; `sending` is what the person says.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "RoomPerson".
 */
export interface RoomPerson {
  user: string;
  name: string;
  role: string;
  organisation: string;
  purpose: string;
  is_patient: boolean;
  is_host: boolean;
  state:
    "invited" | "knocking" | "waiting_consent" | "admitted" | "connected" | "on_hold" | "left" | "denied" | "removed";
  since: number;
  permission: Permission[];
  device: string | null;
  join: string | null;
  publishing: ("audio" | "video" | "screen")[];
  sending: Sending;
}
/**
 * What a person says they send at this moment, and whether they ask to speak; all false at the start.
 */
export interface Sending {
  audio: boolean;
  video: boolean;
  screen: boolean;
  hand: boolean;
}
/**
 * Client → server, host or patient: put this person out, or refuse the knock. Answer: `room.done`.
 *
 * They cannot come back: only a later `room.admit` of the host opens the door again. Nobody can remove the host or the patient.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "RoomRemove".
 */
export interface RoomRemove {
  type: "room.remove";
  id: string;
  room: string;
  user: string;
  reason: "by_host" | "conflict_of_interest" | "disturbance";
}
/**
 * Client → server: what I send now, for the tiles of the others. Answer: `room.done`.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "RoomShow".
 */
export interface RoomShow {
  type: "room.show";
  id: string;
  room: string;
  sending: Sending1;
}
/**
 * What a person says they send at this moment, and whether they ask to speak; all false at the start.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "Sending".
 */
export interface Sending1 {
  audio: boolean;
  video: boolean;
  screen: boolean;
  hand: boolean;
}
/**
 * Server → client: the whole roster, after every change; nobody gets media who is not on it as `connected`.
 *
 * `seq` rises with each change of the room, so an older frame that arrives late is dropped.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "RoomState".
 */
export interface RoomState {
  type: "room.state";
  room: string;
  seq: number;
  phase: "lobby" | "open" | "closed";
  people: RoomPerson[];
}
/**
 * `GET /api/rooms/{session_id}`: the lobby, for anyone who may join. Times are the session's.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "RoomView".
 */
export interface RoomView {
  room: string;
  thread: string;
  patient: string;
  starts_at: number;
  ends_at: number;
  you_host: boolean;
  state: RoomState;
}
/**
 * Server → client, the answer to `hello`: what the resume came to, so that the client never guesses.
 *
 * `resumed`: nothing was missed. `partial`: threads in `heads` are ahead of the device, fetch them.
 * `reset`: a head the device named does not exist here (a restore from backup, say): start over.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "Welcome".
 */
export interface Welcome {
  type: "welcome";
  resume: "resumed" | "partial" | "reset";
  heads: {
    [k: string]: number;
  };
  now: number;
  build: string;
}
