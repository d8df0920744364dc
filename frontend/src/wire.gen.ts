// Generated from wire/*.py by `make wire`. Do not edit.

export interface Wire {}
/**
 * `POST /api/threads/{thread}/acks`: one person's acknowledgement of one message; a repeat is the same one.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "AckOut".
 */
export interface AckOut {
  msg_id: string;
  seq: number;
  user: string;
  body: string;
  sig: string;
  at: number;
}
/**
 * What a patient is asked: who wants whom let in, for what, with the keys to check before signing.
 *
 * `fp` is the invitee's current key fingerprint, to be named in the directive; `keys` prove it.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "AdmissionRequest".
 */
export interface AdmissionRequest {
  id: string;
  thread: string;
  labels: string[];
  asked_by: string;
  asked_by_name: string;
  asked_by_organisation: string;
  asked_by_role: number;
  invitee: string;
  invitee_name: string;
  invitee_organisation: string;
  invitee_organisation_name: string;
  role: number;
  actions: number;
  history: number;
  history_from: number;
  reason: string;
  created_at: number;
  state: "asked" | "agreed" | "joined" | "refused" | "withdrawn";
  fp: string;
  keys: PersonKeys;
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
  kind: "staff" | "patient" | "representative";
  bundles: UkrBlob[];
  certificates: CertificateBlob[];
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
 * `GET /api/patients/{id}/requests`, for the patient: what waits for an answer, the oldest first.
 *
 * To agree, sign a directive (consent's door) and append it; to refuse, `POST /api/invitations/{id}/refuse`.
 * The one who asked takes it back with `DELETE /api/invitations/{id}`.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "AdmissionRequests".
 */
export interface AdmissionRequests {
  requests: AdmissionRequest[];
}
/**
 * `PUT /api/sessions/{id}/agenda`: a sealed CT1 message of the session's thread, which the server cannot read.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "AgendaPut".
 */
export interface AgendaPut {
  wire: string;
}
/**
 * `GET` and `PUT /api/me/answer-time`: when one usually answers, for all with whom one shares a conversation.
 *
 * It is no promise that anybody keeps watch over, and nothing is decided by it.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "AnswerTimePut".
 */
export interface AnswerTimePut {
  within: "" | "hours" | "day" | "two_days" | "week";
}
/**
 * `POST /api/threads/{thread}/attachments`: again with the same id and size it answers what is there.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "AttachmentBegin".
 */
export interface AttachmentBegin {
  /**
   * The msg_id of the message that will carry it.
   */
  id: string;
  /**
   * Of the sealed bytes; a piece beyond it is refused.
   */
  size: number;
}
/**
 * `POST …/attachments/{id}/finish`: the BLAKE2b-256 of the sealed bytes, which the server compares.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "AttachmentFinish".
 */
export interface AttachmentFinish {
  hash: string;
}
/**
 * A file as it is on the server. `received` counts the sealed bytes that are there, from the first on.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "AttachmentOut".
 */
export interface AttachmentOut {
  id: string;
  size: number;
  received: number;
  state: "open" | "whole" | "gone";
  uploader: string;
  begun_at: number;
  gone_at: number | null;
  gone_by: string | null;
}
/**
 * `POST /api/patients/{patient}/authorities` (a privacy officer of the patient's organisation).
 *
 * `scope` names actions; empty takes the usual ones of the type. `person` has an account: see the enrolment of kind
 * representative (`POST /api/patients/{patient}/representatives`).
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "AuthorityIn".
 */
export interface AuthorityIn {
  person: string;
  type: "parent" | "guardian" | "attorney" | "deputy" | "advocate";
  /**
   * @maxItems 16
   */
  scope: string[];
  activation: "by_type" | "always" | "incapacity";
  evidence: string;
  valid_from: number | null;
  valid_until: number | null;
}
/**
 * Who acts for a patient: `state` is what the authority is worth now, `ages_out` the day a parent's ends.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "AuthorityOut".
 */
export interface AuthorityOut {
  id: string;
  patient: string;
  person: string;
  name: string;
  type: "parent" | "guardian" | "attorney" | "deputy" | "advocate";
  scope: string[];
  state: "acts" | "sleeps" | "not_yet" | "ended" | "aged_out" | "blocked";
  valid_from: number;
  valid_until: number | null;
  /**
   * ISO date in the patient's zone, or empty.
   */
  ages_out: string;
}
/**
 * A safeguarding block, for privacy officers alone.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "BlockOut".
 */
export interface BlockOut {
  id: string;
  person: string;
  name: string;
  reason: string;
  since: number;
  until: number | null;
}
/**
 * `GET /api/patients/{patient}/safeguarding` (a privacy officer).
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "BlocksOut".
 */
export interface BlocksOut {
  blocks: BlockOut[];
}
/**
 * `POST /api/patients/{patient}/capacity` (a therapist or physician of the care team): what was found.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "CapacityIn".
 */
export interface CapacityIn {
  kind: "capacity" | "competence";
  finding: "has" | "lacks" | "unknown";
  method: string;
  note: string;
  review_on: string;
}
/**
 * The newest finding of a kind, as the patient and the care team read it.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "CapacityOut".
 */
export interface CapacityOut {
  kind: "capacity" | "competence";
  finding: "has" | "lacks" | "unknown";
  method: string;
  assessor_name: string;
  assessed_at: number;
  review_on: string;
}
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
 * One key that waits for the certificate of a root that is kept offline; `earlier` are those that it continues.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "CertificateRequest".
 */
export interface CertificateRequest {
  organisation: string;
  subject: string;
  name: string;
  ukr: UkrBlob;
  /**
   * @maxItems 1000
   */
  earlier: UkrBlob[];
  cert_kind: number;
  /**
   * @minItems 1
   * @maxItems 8
   */
  roles: number[];
  until: number | null;
}
/**
 * A file that `manage.py roots requests` writes and `python -m client.roots sign` reads.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "CertificateRequests".
 */
export interface CertificateRequests {
  /**
   * @maxItems 10000
   */
  requests: CertificateRequest[];
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
 * A wrapped user master key: kind 1 password, 2 passkey (with `credential`), 3 recovery code (with `rc_auth`).
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "SlotIn".
 */
export interface SlotIn {
  kind: number;
  slot_id: string;
  salt: string;
  t: number;
  m: number;
  blob: string;
  rc_auth: string | null;
  credential: string | null;
}
/**
 * A young person's notice: from `on` (ISO date) the people named here no longer decide; `days` are left.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "ComingOfAge".
 */
export interface ComingOfAge {
  on: string;
  days: number;
  names: string[];
}
/**
 * An organisation's compliance key as its root vouches for it (CT1 compliance key): the ceremony's file too.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "ComplianceKeyBlob".
 */
export interface ComplianceKeyBlob {
  body: string;
  sig: string;
}
/**
 * `GET /api/config`, without a session: what a client must know before anybody signs in.
 *
 * `offline_hours`: how long a device may show what it has without hearing from the server; 0: not at all.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "Config".
 */
export interface Config {
  protocol: number;
  oldest_build: number;
  build: string;
  offline_hours: number;
  demo: boolean;
  now: number;
  organisations: OrganisationOut[];
  identity_providers: IdentityProviderOut[];
}
/**
 * An organisation; clients pin `root_fp` and verify certificates with `root_pk`.
 *
 * `compliance`: the key that every new thread about its patients must name, or null where it has none.
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
  compliance: ComplianceKeyBlob | null;
}
/**
 * A provider that the sign-in page offers; `organisation` is whose people it knows.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "IdentityProviderOut".
 */
export interface IdentityProviderOut {
  id: string;
  organisation: string;
}
/**
 * Server → the patient's devices: permissions changed; fetch them again.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "ConsentChanged".
 */
export interface ConsentChanged {
  type: "consent.changed";
  patient: string;
  epoch: number;
}
/**
 * The answer to a directive or revocation: it is in force from here on.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "ConsentGiven".
 */
export interface ConsentGiven {
  id: string;
  epoch: number;
}
/**
 * One signature over a directive or revocation.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "ConsentSignature".
 */
export interface ConsentSignature {
  fp: string;
  sig: string;
}
/**
 * A signature on a directive or revocation, and the fingerprint of the key that made it.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "ConsentSigner".
 */
export interface ConsentSigner {
  fp: string;
  sig: string;
}
/**
 * A number to call instead of writing.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "CrisisLine".
 */
export interface CrisisLine {
  number: string;
  name: string;
  purpose: string;
}
/**
 * `GET /api/me/crisis-lines`: the lines of the asker's place; `country` empty: those that hold anywhere.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "CrisisLines".
 */
export interface CrisisLines {
  country: string;
  version: number;
  source: string;
  lines: CrisisLine[];
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
 * `GET /api/demo/code?email=`, in demonstration mode alone: what one of the cast's authenticator app shows now.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "DemoCode".
 */
export interface DemoCode {
  code: string;
  /**
   * How long it is shown yet.
   */
  seconds: number;
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
  /**
   * Whether it keeps the master key for some hours (protocol.md 3.3, kind 4).
   */
  remembered: boolean;
}
/**
 * One's session on a device: `number` names it for signing it out, `current` is the one that asks.
 *
 * `label` is what the device called itself; of one that never opened the keys it is what its browser says.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "DeviceOut".
 */
export interface DeviceOut {
  number: number;
  label: string;
  first_seen: number;
  last_seen: number;
  current: boolean;
  remembered: boolean;
  /**
   * Whether the keys were opened in it.
   */
  opened: boolean;
}
/**
 * `GET /api/devices`: where one is signed in, the newest hundred, last seen first.
 *
 * `DELETE /api/devices/{number}` signs one out, `POST /api/sign-out-others` all but this one,
 * `POST /api/sign-out-everywhere` this one too. Sockets of an ended session are closed with 4401.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "Devices".
 */
export interface Devices {
  devices: DeviceOut[];
}
/**
 * `POST /api/patients/{patient}/directives`: the signed bytes, and the exact words that the signer saw.
 *
 * From the patient, or from one who acts for the patient. `keep_both` says that a standing opposite is meant too.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "DirectiveIn".
 */
export interface DirectiveIn {
  body: string;
  /**
   * @minItems 1
   * @maxItems 8
   */
  signers: ConsentSigner[];
  statement: string;
  keep_both: boolean;
}
/**
 * One directive as its patient reads it; `grantee_name` is empty where the grantee is no person or organisation.
 *
 * `actions` are the CT1 action bits, `threads` empty means every thread, `state` is what it is worth now.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "DirectiveOut".
 */
export interface DirectiveOut {
  id: string;
  effect: "permit" | "deny";
  grantee_kind: number;
  grantee: string;
  grantee_user: string | null;
  grantee_name: string;
  grantee_role: string;
  grantee_organisation: string;
  actions: number;
  threads: string[];
  labels: string[];
  purposes: string[];
  history: number;
  history_from: number;
  nbf: number;
  exp: number;
  given_at: number;
  ended_at: number | null;
  state: "active" | "not_yet" | "expired" | "revoked" | "superseded";
  /**
   * Whose word it is; `given_by` names the people who signed.
   */
  voice: "patient" | "representative" | "witnessed" | "quorum";
  given_by: string[];
  method: "app" | "paper" | "verbal";
  statement: string;
  /**
   * JSON: the rules that bind the server alone.
   */
  server: string;
  body: string;
  signers: ConsentSigner[];
}
/**
 * `GET /api/patients/{patient}/directives`: newest first, and the consent epoch.
 *
 * The patient reads all; one who acts for the patient those that they gave themselves.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "DirectivesOut".
 */
export interface DirectivesOut {
  directives: DirectiveOut[];
  epoch: number;
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
 * `GET /api/organisations/{organisation}/duties` (staff of the organisation).
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "DutiesOut".
 */
export interface DutiesOut {
  duties: DutyOut[];
}
/**
 * Who holds which duty.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "DutyOut".
 */
export interface DutyOut {
  user: string;
  name: string;
  kind: "privacy_officer" | "emergency" | "witness";
  since: number;
}
/**
 * `POST` and `DELETE /api/organisations/{organisation}/duties` (a privacy officer).
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "DutyIn".
 */
export interface DutyIn {
  user: string;
  kind: "privacy_officer" | "emergency" | "witness";
}
/**
 * `GET /api/emergencies` (mine, those I may co-sign, and for a privacy officer those to review).
 *
 * `GET /api/patients/{patient}/emergencies` (the patient) answers with the same.
 * `POST /api/emergencies/{id}/end` (who declared it, or the privacy officer) ends one before its time.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "EmergenciesOut".
 */
export interface EmergenciesOut {
  emergencies: EmergencyOut[];
  may_declare: boolean;
  may_review: boolean;
  colleagues: EmergencyColleague[];
}
/**
 * A declaration as its clinician, the patient and the privacy officer read it.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "EmergencyOut".
 */
export interface EmergencyOut {
  id: string;
  patient: string;
  patient_name: string;
  user: string;
  name: string;
  organisation_name: string;
  role: number;
  /**
   * The clinician's role and key, as a co-signer names them.
   */
  fp: string;
  /**
   * Why one sees it.
   */
  part: "mine" | "cosign" | "review" | "about_me";
  hours: number;
  categories: ("allergy" | "medication" | "crisis_plan" | "diagnosis" | "screening" | "message")[];
  reason_code: "unconscious" | "suicide_risk" | "overdose" | "violence" | "acute_illness" | "other";
  reason: string;
  declared_at: number;
  expires_at: number;
  ended_at: number | null;
  state: "waiting_for_cosigner" | "open" | "ended" | "reviewed";
  cosigner: string | null;
  cosigner_name: string;
  review_due_at: number;
  reviewed_by: string;
  outcome: ("justified" | "not_justified" | "escalated") | "";
  review_note: string;
  threads: EmergencyThread[];
}
/**
 * A thread that the emergency reaches: `keys` says how its content is had.
 *
 * `flagged` is false where the thread was made without emergency access: then it can never be opened so.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "EmergencyThread".
 */
export interface EmergencyThread {
  thread: string;
  flagged: boolean;
  members: number;
  /**
   * How many of those who may read were connected within the last minute.
   */
  members_online: number;
  keys: "declared" | "waiting" | "given" | "impossible";
  cosigned: EmergencySignature | null;
}
/**
 * A co-signer's signature over the declaration that goes into one thread's log (docs/protocol.md 4.1).
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "EmergencySignature".
 */
export interface EmergencySignature {
  thread: string;
  body: string;
  fp: string;
  sig: string;
}
/**
 * Somebody who may co-sign.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "EmergencyColleague".
 */
export interface EmergencyColleague {
  user: string;
  name: string;
}
/**
 * Server → the patient, the officers, the clinician: an emergency was declared, co-signed, ended or reviewed.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "EmergencyChanged".
 */
export interface EmergencyChanged {
  type: "emergency.changed";
  id: string;
  patient: string;
}
/**
 * `POST /api/emergencies/{id}/cosign` (who was asked, recent second factor): opens it.
 *
 * One signature for each flagged thread; every body names the declaration, its clinician and one common `exp`, which
 * lies at most `hours` ahead and becomes the emergency's end. Without threads, `exp` alone says so.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "EmergencyCosign".
 */
export interface EmergencyCosign {
  exp: number;
  /**
   * @maxItems 200
   */
  signatures: EmergencySignature[];
}
/**
 * The one patient who matches exactly, or NotFound; looking is written into that patient's ledger.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "EmergencyFound".
 */
export interface EmergencyFound {
  patient: string;
  name: string;
  birth_date: string;
  organisation_name: string;
  /**
   * How long an emergency lasts here; 0 where the organisation allows none.
   */
  hours: number;
  history_days: number;
  /**
   * The privacy officers who will be told, by name.
   */
  officers: string[];
  /**
   * Whether the patient reads their own page and so is told at once.
   */
  has_account: boolean;
}
/**
 * `POST /api/patients/{patient}/emergencies`: declares; a repeat with the same `id` is the same declaration.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "EmergencyIn".
 */
export interface EmergencyIn {
  id: string;
  /**
   * @minItems 1
   * @maxItems 6
   */
  categories: ("allergy" | "medication" | "crisis_plan" | "diagnosis" | "screening" | "message")[];
  reason_code: "unconscious" | "suicide_risk" | "overdose" | "violence" | "acute_illness" | "other";
  reason: string;
  attest: boolean;
  cosigner: string | null;
}
/**
 * `POST /api/emergency/look` (emergency duty, recent second factor): a patient by full name and birth date.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "EmergencyLook".
 */
export interface EmergencyLook {
  name: string;
  birth_date: string;
}
/**
 * `POST /api/emergencies/{id}/review` (a privacy officer, never of one's own declaration).
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "EmergencyReview".
 */
export interface EmergencyReview {
  outcome: "justified" | "not_justified" | "escalated";
  note: string;
}
/**
 * How a directive ended: who did it, and when; `withdrawal` has a receipt of its own.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "Ending".
 */
export interface Ending {
  directive: string;
  how: "withdrawn" | "replaced" | "over";
  by: string[];
  at: number;
  withdrawal: string | null;
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
  slots: SlotIn[];
  keyring: KeyringBlob;
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
  kind: "staff" | "patient" | "representative";
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
 * What became of one addressee of the line: told, or passed over, and why.
 *
 * `user` is null where nobody stood behind it. Who may not read the thread is never told of it.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "EscalationStep".
 */
export interface EscalationStep {
  position: number;
  kind: number;
  id: string;
  user: string | null;
  outcome: "told" | "may_not_read" | "nobody_on_duty" | "already_told" | "is_sender";
  at: number;
}
/**
 * The answer to a removal.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "ExceptionRemoved".
 */
export interface ExceptionRemoved {
  removed: boolean;
}
/**
 * `POST /api/me/feed`: a new secret calendar address, shown once; the one before stops working.
 *
 * `GET /feeds/{token}.ics`, outside /api and without a session, is the feed.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "FeedAddress".
 */
export interface FeedAddress {
  path: string;
}
/**
 * `POST /api/recovery/finish`: sets `auth`, password slot and recovery slot together and ends every session.
 *
 * The code that proved itself is spent with it: the new `recovery` slot has another. The asker is signed in.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "FinishRecovery".
 */
export interface FinishRecovery {
  email: string;
  rc_auth: string;
  auth: string;
  slot: SlotIn;
  recovery: SlotIn;
}
/**
 * A time that suits everybody required; `optional_free` of the optional people are free too.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "FreeSlot".
 */
export interface FreeSlot {
  starts_at: number;
  ends_at: number;
  optional_free: number;
}
/**
 * Slots, the best first: most optional people free, then soon, then on the hour and not wedged in.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "FreeSlots".
 */
export interface FreeSlots {
  slots: FreeSlot[];
  optional: number;
  page: number;
  more: boolean;
}
/**
 * Client → server, first on every socket at `/ws`: which protocol, which device, and how far each thread is held.
 *
 * `heads` maps a thread id to the highest `seq` that the device holds without a gap. `binary` asks for the binary
 * form of `message.ack` and `message.new`; a device may post in either form. `build`
 * is what the web app says of itself (wire.version); other clients leave it out.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "Hello".
 */
export interface Hello {
  type: "hello";
  protocol: number;
  device: string;
  build: number | null;
  heads: {
    [k: string]: number;
  };
  binary: boolean;
}
/**
 * `GET /api/me/hours` and `PUT /api/me/hours`: one's weekly hours, and what is kept free around sessions.
 *
 * `buffer` minutes stay free before and after every session; nobody is asked within `notice` minutes from now.
 * A wall-clock time that the clocks jump over means the moment of the jump; one that comes twice means the first.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "Hours".
 */
export interface Hours {
  zone: string;
  /**
   * @maxItems 70
   */
  rows: HoursRow[];
  buffer: number;
  notice: number;
}
/**
 * Open hours on one weekday (0 is Monday), in minutes of the local day; `until` 1440 is midnight.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "HoursRow".
 */
export interface HoursRow {
  weekday: number;
  start: number;
  until: number;
}
/**
 * `POST /api/me/exceptions`: away between two local times, or (`open`) there beyond the weekly hours.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "HoursExceptionIn".
 */
export interface HoursExceptionIn {
  zone: string;
  starts: string;
  ends: string;
  open: boolean;
}
/**
 * A stored exception; `note` says, if not empty, how a local time that comes twice was read.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "HoursExceptionOut".
 */
export interface HoursExceptionOut {
  id: string;
  starts_at: number;
  ends_at: number;
  zone: string;
  open: boolean;
  note: string;
}
/**
 * `GET /api/me/exceptions`: those that are not over. `DELETE /api/me/exceptions/{id}` removes one.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "HoursExceptions".
 */
export interface HoursExceptions {
  exceptions: HoursExceptionOut[];
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
 * `POST /api/threads/{id}/invitations`: ask the patient to let somebody in; answered with `InvitationSent`.
 *
 * `id` is client-made: a repeat is the same invitation. `actions` are CT1 action bits, `history` and
 * `history_from` the CT1 history kind wished for. `reason` is for the patient, and the server can read it:
 * it says why this person, never what for clinically.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "InvitationAsk".
 */
export interface InvitationAsk {
  id: string;
  invitee: string;
  role: number;
  actions: number;
  history: number;
  history_from: number;
  reason: string;
}
/**
 * Server → the one who asked and the invitee: an invitation has moved on; fetch `GET /api/invitations`.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "InvitationChanged".
 */
export interface InvitationChanged {
  type: "invitation.changed";
  id: string;
  state: "asked" | "agreed" | "joined" | "refused" | "withdrawn";
}
/**
 * An invitation as the invitee sees it before the patient agrees: that there is one, and nothing else.
 *
 * `thread` is null until the invitee is a member.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "InvitationReceived".
 */
export interface InvitationReceived {
  id: string;
  created_at: number;
  state: "asked" | "agreed" | "joined" | "refused" | "withdrawn";
  thread: string | null;
}
/**
 * An invitation as the one who asked sees it.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "InvitationSent".
 */
export interface InvitationSent {
  id: string;
  thread: string;
  invitee: string;
  invitee_name: string;
  invitee_organisation: string;
  role: number;
  actions: number;
  reason: string;
  created_at: number;
  state: "asked" | "agreed" | "joined" | "refused" | "withdrawn";
}
/**
 * `GET /api/invitations`: those that concern the asker, the newest first, 100 each.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "Invitations".
 */
export interface Invitations {
  received: InvitationReceived[];
  sent: InvitationSent[];
}
/**
 * A file that `python -m client.roots sign` writes and `manage.py roots certificates` takes in.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "IssuedCertificates".
 */
export interface IssuedCertificates {
  /**
   * @maxItems 10000
   */
  certificates: CertificateBlob[];
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
 * `GET /api/keys/pins`: the newest sealed pins, or null before the first.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "KeptPins".
 */
export interface KeptPins {
  pins: PinsBlob | null;
}
/**
 * `PUT /api/keys/pins`: what a person's devices have seen of logs and keys, sealed by them (CT1 pins).
 *
 * The version is one more than the one that is kept, else `conflict`: fetch, merge, seal again. Answered as it is
 * kept.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "PinsBlob".
 */
export interface PinsBlob {
  version: number;
  blob: string;
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
 * One thing that was done, read, decided or refused about the patient.
 *
 * `verb` is dotted (`thread.read`), `basis` names directives, `leaf` is the entry's hash (RFC 6962 leaf).
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "LedgerLine".
 */
export interface LedgerLine {
  id: number;
  at: number;
  who: string;
  role: string;
  organisation: string;
  user: string | null;
  verb: string;
  object_kind: string;
  object_id: string;
  outcome: "permit" | "deny" | "done" | "failed";
  reason: string;
  basis: string[];
  /**
   * The name of the person whom it concerns, where that is another than `who`.
   */
  about: string;
  /**
   * How many items were read at once; 0 where that means nothing.
   */
  count: number;
  leaf: string;
}
/**
 * `GET /api/patients/{patient}/ledger?before=&limit=` (the patient alone), newest first; `next` continues.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "LedgerPage".
 */
export interface LedgerPage {
  lines: LedgerLine[];
  next: number | null;
}
/**
 * `GET /api/me/identities`: providers of one's own organisations, and which are linked with one's account.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "LinkedIdentities".
 */
export interface LinkedIdentities {
  offered: IdentityProviderOut[];
  linked: LinkedIdentity[];
}
/**
 * One's account is linked with a person of this provider.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "LinkedIdentity".
 */
export interface LinkedIdentity {
  id: string;
  organisation: string;
  since: number;
  last_used: number | null;
}
/**
 * `POST /api/threads/{id}/log`: entries that follow the head, and the seals of an EPOCH or HISTORY_SHARE.
 *
 * All or nothing. Answered with `LogHead`, or 409 `LogConflict` when somebody else was first. Entries that are
 * already there, byte for byte, are answered as done.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "LogAppend".
 */
export interface LogAppend {
  /**
   * @maxItems 200
   */
  entries: SignedLogEntry[];
  /**
   * @maxItems 200
   */
  seals: SealIn[];
}
/**
 * A log entry exactly as signed (docs/protocol.md 3.4).
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "SignedLogEntry".
 */
export interface SignedLogEntry {
  body: string;
  sig: string;
}
/**
 * An epoch's key sealed to one recipient; `user` is sixteen zero bytes for the compliance key.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "SealIn".
 */
export interface SealIn {
  epoch: number;
  user: string;
  blob: string;
}
/**
 * 409: the entries do not follow the head; `code` is `E_LOG_SEQ` or `E_LOG_PREV`, and this is the head.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "LogConflict".
 */
export interface LogConflict {
  code: string;
  message: string;
  re: string;
  log_seq: number;
  log_head: string;
}
/**
 * Where a thread's log stands.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "LogHead".
 */
export interface LogHead {
  thread: string;
  log_seq: number;
  log_head: string;
  epoch: number;
}
/**
 * `GET /api/threads/{id}/log?after=-1`: entries with seq > `after` in order, 500 a page; fetch until `seq`.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "LogPage".
 */
export interface LogPage {
  entries: SignedLogEntry[];
  first: number;
  seq: number;
  head: string;
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
 * A message that a device could not open, and the CT1 code of why.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "MarkFailure".
 */
export interface MarkFailure {
  seq: number;
  code: string;
}
/**
 * Server → members: how far one member has got.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "MarksChanged".
 */
export interface MarksChanged {
  type: "marks.changed";
  thread: string;
  marks: MemberMarks;
}
/**
 * How far one member has got. `moves`: when the read mark moved, oldest first, the newest few; in a push one.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "MemberMarks".
 */
export interface MemberMarks {
  user: string;
  delivered: number;
  read: number;
  failed: MarkFailure[];
  moves: ReadMove[];
}
/**
 * When a read mark came to stand at `read`: what it passed over was read by then. `at` 0: nobody knows when.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "ReadMove".
 */
export interface ReadMove {
  read: number;
  at: number;
}
/**
 * `PUT /api/threads/{id}/marks`: how far one has got. Marks merge by maximum and union: any replay is harmless.
 *
 * `delivered`: decrypted on a device up to here; `read`: seen up to here. `failed`: could not be opened;
 * `healed`: opened after all.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "MarksPut".
 */
export interface MarksPut {
  delivered: number;
  read: number;
  /**
   * @maxItems 100
   */
  failed: MarkFailure[];
  /**
   * @maxItems 100
   */
  healed: number[];
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
  kind: "staff" | "patient" | "representative" | "none";
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
 * Server → client, after the commit and never before: the message `re` is durable and has its place.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "MessageAck".
 */
export interface MessageAck {
  type: "message.ack";
  re: string;
  thread: string;
  msg_id: string;
  seq: number;
  at: number;
  dup: boolean;
}
/**
 * Server → everybody who may read the thread at the moment of delivery, the sender's other devices included.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "MessageNew".
 */
export interface MessageNew {
  type: "message.new";
  thread: string;
  seq: number;
  sender: string;
  epoch: number;
  wire: string;
  at: number;
}
/**
 * A sealed message as its sender signed it; `at` is the server's receipt.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "MessageOut".
 */
export interface MessageOut {
  seq: number;
  wire: string;
  at: number;
}
/**
 * `GET /api/threads/{id}/messages?after=&before=&around=&asides=&limit=`: seq > `after` ascending, or seq <
 * `before`, the latest; or `limit` messages `around` a seq, half of them before it.
 *
 * `seq` has no gaps in a thread, so one that is missing here was withheld: below `floor` by the history one was
 * granted (0: all of it), or, with `own_only`, because the permission has ended and only one's own remain.
 * With neither `after` nor `before`: the latest `limit` (at most 200). Always in ascending order. With `asides`, only
 * those whose content type says something about other messages or is asked for of a whole thread: EDIT, REDACT, CARD,
 * SUBJECT and PIN. Who shows a message asks for the asides after it, since it may have been taken back.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "MessagePage".
 */
export interface MessagePage {
  messages: MessageOut[];
  head: number;
  floor: number;
  own_only: boolean;
}
/**
 * `GET /api/threads/{id}/messages/at?time=`: the first message that the server took at or after that time.
 *
 * `seq` is that of the last one where all are earlier, and 0 where one may read none. The server's word alone: a
 * client shows what it finds there with the times that were signed.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "MessagePlace".
 */
export interface MessagePlace {
  seq: number;
}
/**
 * Client → server: post this sealed message. `id` is the msg_id inside its header. Answer: `message.ack`.
 *
 * Retry-safe for ever: the same id with the same content is answered with the ack it had, `dup` true.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "MessagePost".
 */
export interface MessagePost {
  type: "message.post";
  id: string;
  thread: string;
  wire: string;
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
 * A wrapped user master key, as stored; `credential` is the passkey's id for kind 2, null for the others.
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
  credential: string | null;
}
/**
 * What replaces every way to the keys where somebody else may hold one: another password, another recovery code.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "NewLocks".
 */
export interface NewLocks {
  auth: string;
  password: SlotIn;
  recovery: SlotIn;
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
 * `PUT /api/keys/recovery`: a new recovery slot in place of the old one, whose code opens nothing from then on.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "NewRecoveryCode".
 */
export interface NewRecoveryCode {
  current_auth: string;
  slot: SlotIn;
}
/**
 * `GET /api/patients/{patient}/notices`: what waits to be looked at, and how past permissions ended.
 *
 * The patient reads all; one who acts for the patient only what concerns permissions that they gave.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "NoticesOut".
 */
export interface NoticesOut {
  reminders: Reminder[];
  endings: Ending[];
  coming_of_age: ComingOfAge | null;
}
/**
 * Something to look at: a permission that ends soon (`at` is its end), or one that nobody has looked at for long.
 *
 * `POST /api/patients/{patient}/directives/{directive_id}/review` says that it is right as it is (the answer is Done).
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "Reminder".
 */
export interface Reminder {
  directive: string;
  kind: "ends" | "review";
  at: number;
}
/**
 * A patient as the privacy officer finds them; `acting` counts authorities that nobody has ended.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "OfficePatient".
 */
export interface OfficePatient {
  id: string;
  name: string;
  birth_date: string;
  has_account: boolean;
  acting: number;
}
/**
 * `GET /api/organisations/{organisation}/patients?query=&page=` (a privacy officer): by name, 50 a page, from 1.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "OfficePatientsOut".
 */
export interface OfficePatientsOut {
  patients: OfficePatient[];
  page: number;
  more: boolean;
}
/**
 * A role with its latest turns, the newest first, 20 at most.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "OnCallRoleOut".
 */
export interface OnCallRoleOut {
  id: string;
  organisation: string;
  name: string;
  may_give: boolean;
  turns: OnCallTurnOut[];
}
/**
 * One person's time in a role; `until` null for the present holder.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "OnCallTurnOut".
 */
export interface OnCallTurnOut {
  user: string;
  name: string;
  given_by: string;
  since: number;
  until: number | null;
}
/**
 * `GET /api/organisations/{organisation}/on-call`, for its staff: roles by name, 100 at most.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "OnCallRoles".
 */
export interface OnCallRoles {
  roles: OnCallRoleOut[];
  may_open: boolean;
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
 * One line of `messages.jsonl`: a message as its sender signed it, or the code of why its content does not open.
 *
 * `gap`: it cites a message that is not in the thread. `body` is the sender's JSON.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "OpenedMessage".
 */
export interface OpenedMessage {
  seq: number;
  at: number;
  written: number | null;
  sender: string | null;
  sender_name: string;
  ctype: number;
  body: {
    [k: string]: unknown;
  };
  code: string;
  gap: boolean;
}
/**
 * `POST /api/records/openings`: the signed access record (CT1 3.14), before a word is read.
 *
 * For a privacy officer of the patient's organisation, with a recent second factor; `not_found` for everybody else.
 * The same bytes again are the same opening. Answered with `OpeningOut`.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "OpeningIn".
 */
export interface OpeningIn {
  body: string;
  sig: string;
}
/**
 * That the ledger holds it.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "OpeningOut".
 */
export interface OpeningOut {
  export: string;
  at: number;
}
/**
 * An invited person whom the patient's directive now covers: append MEMBER_ADD, then EPOCH and seals.
 *
 * `role` is the CT1 role number, `history` and `history_from` as in the directive.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "OwedMember".
 */
export interface OwedMember {
  invitation: string;
  keys: PersonKeys;
  fp: string;
  role: number;
  directive: string;
  history: number;
  history_from: number;
}
/**
 * What is in force and the log does not carry yet: append it as DIRECTIVE, REVOKE or AUTHORITY_CHANGE, in order.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "OwedObject".
 */
export interface OwedObject {
  kind: "directive" | "revoke" | "authority";
  body: string;
  signatures: ConsentSignature[];
}
/**
 * Somebody to be there; without the `required` the session takes place anyway.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "ParticipantIn".
 */
export interface ParticipantIn {
  user: string;
  required: boolean;
}
/**
 * Somebody on the list; `role` is the CT1 role number, 0 for the patient.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "ParticipantOut".
 */
export interface ParticipantOut {
  user: string;
  name: string;
  role: number;
  organisation: string;
  is_patient: boolean;
  is_organiser: boolean;
  required: boolean;
  state: "expected" | "needs_consent" | "time_taken" | "declined" | "withdrawn";
}
/**
 * A passkey of one's own; `opens_keys` is false for one that signs in alone, after which the password opens.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "PasskeyOut".
 */
export interface PasskeyOut {
  id: number;
  name: string;
  credential: string;
  created: number;
  last_used: number | null;
  opens_keys: boolean;
}
/**
 * `PUT /api/keys/passkey`: the slot of a passkey that this account has registered already; repeats replace it.
 *
 * The session must have proved its person lately (allauth's reauthentication), as for registering the passkey.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "PasskeySlot".
 */
export interface PasskeySlot {
  slot: SlotIn;
}
/**
 * `GET /api/keys/passkeys`; one is removed with its slot by allauth's `DELETE .../authenticators/webauthn`.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "Passkeys".
 */
export interface Passkeys {
  passkeys: PasskeyOut[];
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
 * `GET` and `PUT /api/organisations/{organisation}/consent-profile` (staff read, a privacy officer writes).
 *
 * `default` is what holds where no directive speaks. Every change raises the consent epoch of the organisation's
 * patients.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "ProfileBody".
 */
export interface ProfileBody {
  template: "multidisciplinary" | "payer_provider" | "nhs_locality" | "community";
  default: "deny" | "implied-direct-care" | "team-unlabelled";
  longest_days: number;
  review_days: number;
  emergency_hours: number;
  emergency_history_days: number;
  majority_age: number;
  own_consent_age: number;
  contentless_notices: boolean;
}
/**
 * `GET /api/consent-profiles` (staff): the four kinds of organisation whose rules one may start from.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "ProfilesOut".
 */
export interface ProfilesOut {
  profiles: ProfileBody[];
}
/**
 * `GET /api/me/push`: the server's public key (P-256, uncompressed), and whether this device is told.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "PushStanding".
 */
export interface PushStanding {
  key: string;
  on: boolean;
}
/**
 * `PUT /api/me/push`: what the browser's push service gave this device (RFC 8030, RFC 8291); one a device.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "PushSubscribe".
 */
export interface PushSubscribe {
  endpoint: string;
  p256dh: string;
  auth: string;
}
/**
 * `PUT /api/me/quiet-hours`: minutes of one's day, over midnight when `end` is not later; equal ends: none.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "QuietHoursPut".
 */
export interface QuietHoursPut {
  zone: string;
  start: number;
  end: number;
}
/**
 * `GET /api/patients/{patient}/directives/{directive_id}/receipt`, and `…/withdrawals/{withdrawal_id}/receipt`.
 *
 * For the patient, and for one who acts for the patient and gave it. A withdrawal's receipt holds a record for each
 * permission that it ended.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "Receipt".
 */
export interface Receipt {
  context: {
    [k: string]: string;
  };
  receipt_metadata: ReceiptMetadata;
  consent_records: ReceiptRecord[];
  proof: ReceiptProof;
}
/**
 * The receipt itself.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "ReceiptMetadata".
 */
export interface ReceiptMetadata {
  schema_version: string;
  receipt_id: string;
  receipt_kind: "permission" | "withdrawal";
  issued: string;
  issuer: ReceiptParty;
}
/**
 * Who is meant, by name; `party_role` as in DPV.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "ReceiptParty".
 */
export interface ReceiptParty {
  party_id: string;
  party_name: string;
  party_role: string;
  party_type: string;
}
/**
 * The consent record that a receipt carries.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "ReceiptRecord".
 */
export interface ReceiptRecord {
  schema_version: string;
  record_id: string;
  record_version: number;
  record_created: string;
  /**
   * A pseudonym: the same for all receipts of a patient, and of no use elsewhere.
   */
  pii_principal_id: string;
  pii_processing: ReceiptProcessing;
  given_by: ReceiptParty[];
  given_by_kind: "patient" | "representative" | "witnessed" | "quorum";
  pii_controllers: ReceiptParty[];
  recipients: ReceiptParty[];
  events: ReceiptEvent[];
  /**
   * The bytes that were signed, base64url, so that the receipt can be held against them.
   */
  signed_object: string;
  signatures: string[];
}
/**
 * What was permitted or forbidden (ISO/IEC TS 27560 `pii_processing`).
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "ReceiptProcessing".
 */
export interface ReceiptProcessing {
  effect: "permit" | "deny";
  /**
   * The words that the signer saw.
   */
  privacy_notice: string;
  privacy_notice_hash: string;
  language: string;
  purposes: string[];
  purpose_types: string[];
  lawful_basis: string;
  pii_types: string[];
  special_pii_category: string[];
  processing_methods: string[];
  actions: string[];
  threads: string[];
  history: string;
  collection_method: "app" | "paper" | "verbal";
  valid_from: string;
  valid_until: string;
  withdrawal_method: string;
  redisclosure: string;
}
/**
 * Something that happened to the record; times ISO 8601, `event_state` a DPV consent status.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "ReceiptEvent".
 */
export interface ReceiptEvent {
  event_time: string;
  event_type: "given" | "witnessed" | "superseded" | "withdrawn" | "expired" | "refused";
  event_state: string;
  entity_id: string;
  entity_name: string;
}
/**
 * Ed25519 over the label and the canonical JSON (RFC 8785) of the receipt without its proof; docs/consent.md.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "ReceiptProof".
 */
export interface ReceiptProof {
  type: "Ed25519";
  label: string;
  public_key: string;
  signature: string;
}
/**
 * `GET /api/receipt-key` (anybody): the key that this server's receipts verify with.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "ReceiptKey".
 */
export interface ReceiptKey {
  public_key: string;
  label: string;
}
/**
 * A whole thread: its log and the keys to read it with, the epochs sealed to the compliance key, every message.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "RecordsExport".
 */
export interface RecordsExport {
  kind: "records-export";
  version: 1;
  id: string;
  thread: string;
  made: number;
  entries: SignedLogEntry[];
  people: PersonKeys[];
  seals: SealOut[];
  /**
   * How many messages the thread has: `seq` runs from 1 to here.
   */
  head: number;
  messages: MessageOut[];
}
/**
 * One's own seal of an epoch; open it, compare its context, check the commitment in the log.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "SealOut".
 */
export interface SealOut {
  epoch: number;
  blob: string;
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
 * `PUT /api/patients/{patient}/emergency-refusal` (the patient alone): no emergency opens my record, or it may.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "RefuseEmergency".
 */
export interface RefuseEmergency {
  refuse: boolean;
}
/**
 * `POST /api/patients/{patient}/rehearsals`: the bytes of a directive or revocation that nobody has signed yet.
 *
 * Nothing is stored and nothing changes. From the patient, or from one who acts for the patient.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "RehearsalIn".
 */
export interface RehearsalIn {
  kind: "directive" | "revocation";
  body: string;
}
/**
 * Who sees what before and after; the patient, who always sees everything, is left out.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "RehearsalOut".
 */
export interface RehearsalOut {
  places: RehearsedPlace[];
}
/**
 * A thread with its calls, and everybody who sees something of it before or after.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "RehearsedPlace".
 */
export interface RehearsedPlace {
  thread: string;
  seers: Seer[];
}
/**
 * Somebody who can read a thread or join its calls now, or could after the change.
 *
 * `directives` are those that let them in once it is made (of before, where they lose all), `reason` the decision's
 * stable code; without directives it is something else that lets them in.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "Seer".
 */
export interface Seer {
  user: string;
  name: string;
  role: string;
  organisation: string;
  before: ("read" | "join")[];
  after: ("read" | "join")[];
  reason: string;
  directives: string[];
}
/**
 * `POST /api/keys/renew`: the next generation of one's keys, and the keyring that holds it; answered with `MyKeys`.
 *
 * Retry-safe: the same record is stored once. The record's reason says which it is. ROTATE: `locks` is null, and every
 * way to the keys stays. COMPROMISE: `locks` replaces all of them; passkeys, links with identity providers and every
 * other session end.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "RenewKeys".
 */
export interface RenewKeys {
  current_auth: string;
  ukr: UkrBlob;
  keyring: KeyringBlob;
  locks: NewLocks | null;
}
/**
 * An entry exactly as its leaf is the hash of it; `at` in microseconds, people by the hex of their ids.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "ReportContent".
 */
export interface ReportContent {
  at: number;
  actor: string;
  actor_org: string;
  patient: string;
  verb: string;
  object_kind: string;
  object_id: string;
  outcome: string;
  reason: string;
  basis: string[];
  detail: {
    [k: string]: number | string | boolean;
  };
}
/**
 * One line: whom the ids name, the content, its place in the log, and the proof that it stands there (hex).
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "ReportEntry".
 */
export interface ReportEntry {
  who: string;
  organisation: string;
  index: number;
  content: ReportContent;
  proof: string[];
}
/**
 * `GET /api/patients/{patient}/ledger/report?since=` (the patient alone): a file to keep and to verify offline.
 *
 * `checkpoint` is a C2SP signed note, `log_key` the key that signed it, `since` the size of an earlier report's
 * checkpoint, and `consistency` the proof that this log begins with that one. `earlier` tells that older lines were
 * left out (`before` continues). `GET /api/ledger/verify_report.py` is the script that checks it.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "ReportFile".
 */
export interface ReportFile {
  format: "consilium-access-report-1";
  patient: string;
  patient_name: string;
  made_at: number;
  log_key: string;
  checkpoint: string;
  since: number;
  consistency: string[];
  entries: ReportEntry[];
  earlier: number | null;
}
/**
 * The people of one organisation; the empty name is the patient's own side and the system.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "ReportOrganisation".
 */
export interface ReportOrganisation {
  organisation: string;
  times: number;
  refused: number;
  people: ReportPerson[];
}
/**
 * What one person did about the patient in the chosen time: how often, and how often it was refused.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "ReportPerson".
 */
export interface ReportPerson {
  user: string | null;
  who: string;
  role: string;
  organisation: string;
  times: number;
  refused: number;
  first: number;
  last: number;
}
/**
 * `GET /api/patients/{patient}/ledger/summary?show=&user=&since=&until=` (the patient alone).
 *
 * By organisation and person. `show` is empty, `refused` (who was refused) or `permissions` (who looked at my
 * permissions, or at this ledger); `since` and `until` are milliseconds.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "ReportOut".
 */
export interface ReportOut {
  organisations: ReportOrganisation[];
  times: number;
  refused: number;
}
/**
 * Somebody who has taken a code to act for a patient; `acts` where an authority of theirs is on record.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "Representative".
 */
export interface Representative {
  person: string;
  name: string;
  enrolled_at: number;
  acts: boolean;
}
/**
 * `POST /api/patients/{patient}/representatives` (a privacy officer): a one-time code for an account that acts.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "RepresentativeCode".
 */
export interface RepresentativeCode {
  enrolment_code: string;
  expires: number;
}
/**
 * `GET /api/patients/{patient}/representatives` (a privacy officer).
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "RepresentativesOut".
 */
export interface RepresentativesOut {
  people: Representative[];
}
/**
 * A patient for whom I act.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "Represented".
 */
export interface Represented {
  authority: AuthorityOut;
  patient_name: string;
  zone: string;
}
/**
 * `GET /api/represented`: the patients for whom I act now, sleeping and ended authorities left out.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "RepresentedOut".
 */
export interface RepresentedOut {
  patients: Represented[];
}
/**
 * Server → the patient: somebody asks for something; fetch `GET /api/patients/{id}/requests`.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "RequestNew".
 */
export interface RequestNew {
  type: "request.new";
  patient: string;
  invitation: string;
}
/**
 * `POST /api/reset/finish`, without a session: keys that no old one has signed, in place of all that was lost.
 *
 * `slots` are one password slot and one recovery slot. The code is used up; every session, passkey, second factor
 * and link with an identity provider ends, and the asker is signed in. Retry-safe for ten minutes: the same record
 * with the same code is stored once.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "ResetKeys".
 */
export interface ResetKeys {
  email: string;
  code: string;
  auth: string;
  ukr: UkrBlob;
  /**
   * @minItems 2
   * @maxItems 2
   */
  slots: SlotIn[];
  keyring: KeyringBlob;
}
/**
 * Whose keys begin anew: the next generation follows `bundles`, the next keyring is `version`.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "ResetOffer".
 */
export interface ResetOffer {
  user: string;
  organisation_name: string;
  bundles: UkrBlob[];
  version: number;
  expires: number;
}
/**
 * `POST /api/reset/look`, without a session: what the code of somebody who has lost everything is for.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "ResetQuestion".
 */
export interface ResetQuestion {
  email: string;
  code: string;
}
/**
 * `POST /api/patients/{patient}/revocations`: the signed bytes of a withdrawal.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "RevocationIn".
 */
export interface RevocationIn {
  body: string;
  /**
   * @minItems 1
   * @maxItems 8
   */
  signers: ConsentSigner[];
}
/**
 * `POST /api/on-call/{role}/turns`: from now on `user` holds the role; to oneself, this takes it.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "RoleGive".
 */
export interface RoleGive {
  user: string;
}
/**
 * `POST /api/organisations/{organisation}/on-call`: a new role, by somebody who leads there.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "RoleOpen".
 */
export interface RoleOpen {
  /**
   * Client-made: a repeat is the same role.
   */
  id: string;
  name: string;
}
/**
 * Client → server, host only: let this person in. Answer: `room.done`.
 *
 * With `hold` they wait inside, on hold, until `room.hold` ends it. In a case conference (`patient_waits`) the
 * patient's first admission is on hold whatever `hold` says: the clinicians meet first.
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
 * Client → server, host only: let in everybody who knocks now, as `room.admit` would. Answer: `room.done`.
 *
 * Those whom consent does not cover now, and those who were put out, stay where they are.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "RoomAdmitAll".
 */
export interface RoomAdmitAll {
  type: "room.admit_all";
  id: string;
  room: string;
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
  device: string;
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
 * Server → client, to the one concerned: what to do now, and why.
 *
 * `stop`: close both connections, wipe the call's keys, and do not come back by yourself (`moved`: another device of
 * yours took over). `rejoin`: the media is gone: close both connections and knock again. `resume`: the media is not:
 * go on sending, and say where you are (`room.resume`), since frames to you may have been lost (`gap`).
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "RoomBye".
 */
export interface RoomBye {
  type: "room.bye";
  room: string;
  device: string;
  action: "stop" | "resume" | "rejoin";
  reason:
    | ("consent_withdrawn" | "by_host" | "conflict_of_interest" | "disturbance" | "expired")
    | ("closed" | "media_lost" | "left" | "moved" | "gap");
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
 * Client → server: the ticket for media, with this device's signed conf-join.
 *
 * Answer: `room.done`, then `room.offer`; `ticket` if it is used or too old: knock for another.
 *
 * It makes two fresh connections and drops those the person had: it is the ICE restart too (knock again for
 * a new ticket). Only the device that knocked last connects, any other gets `elsewhere`; a device that it takes the
 * call from gets `room.bye` (`moved`).
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
 * Client → server, host only: this clinician, who is in the call, is the host from now on. Answer: `room.done`.
 *
 * Nothing else changes who hosts: a host whose connection drops comes back as host.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "RoomHost".
 */
export interface RoomHost {
  type: "room.host";
  id: string;
  room: string;
  user: string;
}
/**
 * Client → server, from the key leader: key number `n`, its signed commitment, one seal a device.
 *
 * Answer: `room.done`, or `stale_epoch` if those who may hold it are no longer those of the `room.state` with this
 * `epoch`. Relayed to the devices that are connected at that moment; seals for anyone else are dropped, not refused.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "RoomKey".
 */
export interface RoomKey {
  type: "room.key";
  id: string;
  room: string;
  epoch: number;
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
  device: string;
  n: number;
  leader: string;
  leader_device: string;
  commitment: string;
  sealed: string;
}
/**
 * Client → server: let me in. Sent again after a reconnect, it is the resume. Answer: `room.done`.
 *
 * The host, and a person who is admitted already, get `room.admitted` with a fresh ticket; all others wait for the
 * host. `room_locked`: nobody new may knock now. `elsewhere`: another device of this person is in the call or waits
 * for it; with `move` the call comes to this one, and the other gets `room.bye` (`moved`).
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "RoomKnock".
 */
export interface RoomKnock {
  type: "room.knock";
  id: string;
  room: string;
  device: string;
  move: boolean;
}
/**
 * Client → server: I hang up; to return, knock again. Answer: `room.done`.
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
 * Client → server, host only: nobody new may knock, or they may again. Answer: `room.done`.
 *
 * Those who were in the call may come back, and the patient may always knock; a person who knocks already still waits.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "RoomLock".
 */
export interface RoomLock {
  type: "room.lock";
  id: string;
  room: string;
  on: boolean;
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
  device: string;
  call: number;
  pc: "pub" | "sub";
  offer: number;
  sdp: string;
  tracks: RoomTrack[];
}
/**
 * Whose media an m-line of a `sub` offer carries; in a `pub` offer, which kind goes into it (`user` is you).
 *
 * `low`, in a `pub` offer alone: this m-line takes the small picture of that kind, sent beside the full one, at an
 * eighth of its bitrate, when more than two people are in the call. Subscribers know one track and get either.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "RoomTrack".
 */
export interface RoomTrack {
  mid: string;
  user: string;
  kind: "audio" | "video" | "screen";
  low: boolean;
}
/**
 * One entry of the roster: who, in which role and house, by whose permission, since when, and in what state.
 *
 * `state` is `connected` for those, and only those, who can see and hear the room: keys are sealed to them
 * alone. `since` is when that state began.
 * `role` is the CT1 role number, 0 for the patient; `purpose` is the part in this call ("case manager, invited
 * by Dr. Marsh"). `device` and `join` (the signed CT1 conf-join) are there while a device is connected or on
 * hold, and null otherwise.
 * `publishing` is what the forwarder receives; `sending` is what the person says.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "RoomPerson".
 */
export interface RoomPerson {
  user: string;
  name: string;
  role: number;
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
 * They cannot come back: only a later `room.admit` of the host opens the door again. Nobody can remove the
 * host or the patient.
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
 * Client → server: the socket came back, and this is where I was. Answer: `room.resumed`, consent asked again.
 *
 * Sent after every reconnect, after a `room.bye` with `resume`, and every fifteen seconds while waiting or in the
 * call, so that a lost frame costs no more than that. `seq` is that of the last `room.state` (-1 for none); `call`
 * that of the media that still runs, 0 for none.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "RoomResume".
 */
export interface RoomResume {
  type: "room.resume";
  id: string;
  room: string;
  device: string;
  seq: number;
  call: number;
}
/**
 * Server → client: the answer to `room.resume`, with the roster if it has changed since `seq`.
 *
 * `stay`: all is as you say: go on sending, or go on waiting. `knock`: media is gone, or it is not yours any more:
 * close the connections and knock.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "RoomResumed".
 */
export interface RoomResumed {
  type: "room.resumed";
  re: string;
  room: string;
  action: "stay" | "knock";
  state: RoomState | null;
}
/**
 * Server → client: the whole roster, after every change; nobody gets media who is not on it as `connected`.
 *
 * `seq` rises by one with each change of the room: an older frame that arrives late is dropped, and a number that was
 * left out is a frame that was lost, which costs nothing, since the roster is whole. `epoch` rises whenever those who
 * may hold the call's key have changed, and with them only: a key is made for one epoch (`room.key`).
 * `locked`: nobody new may knock.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "RoomState".
 */
export interface RoomState {
  type: "room.state";
  room: string;
  seq: number;
  epoch: number;
  locked: boolean;
  phase: "lobby" | "open" | "closed";
  people: RoomPerson[];
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
 * Client → server: let this fail. Answer: `room.done`; `refused` unless a test has set CONSILIUM_ROOM_SIM.
 *
 * `socket`: this socket is cut without a word. `lost_frame`: the room changes and nobody is told. `media`: the
 * forwarder loses this person. `resume`: `room.bye` with `resume`.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "RoomSim".
 */
export interface RoomSim {
  type: "room.sim";
  id: string;
  room: string;
  what: "socket" | "lost_frame" | "media" | "resume";
}
/**
 * One tile on a person's screen: whose, of which kind, and how large it is shown.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "RoomTile".
 */
export interface RoomTile {
  user: string;
  kind: "video" | "screen";
  size: "off" | "low" | "high";
}
/**
 * `GET /api/rooms/{session_id}`: the lobby, for anyone who may join. Times are the session's.
 *
 * `opens_at` is when the lobby opens; whoever was put out gets `shut_out`.
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
  opens_at: number;
  patient_waits: boolean;
  you_host: boolean;
  state: RoomState;
}
/**
 * Client → server: what this device shows, so that nothing larger is sent to it. Answer: `room.done`.
 *
 * It replaces the wish before; tiles that are not named are wanted `high`. It is a wish: a line that cannot carry
 * it gets smaller pictures, or sound alone. `off` stops a picture at once; another size comes with its next
 * keyframe. Every `room.connect` begins without a wish.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "RoomWant".
 */
export interface RoomWant {
  type: "room.want";
  id: string;
  room: string;
  /**
   * @maxItems 64
   */
  tiles: RoomTile[];
}
/**
 * `POST /api/patients/{patient}/safeguarding` (a privacy officer): this person is kept from acting, silently.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "SafeguardingIn".
 */
export interface SafeguardingIn {
  person: string;
  reason: string;
}
/**
 * `GET /api/me/second-factor`: whether an authenticator app is set up, and until when its last proof is recent.
 *
 * Setting up, proving and recovery codes are allauth's (`/_allauth/browser/v1/account/authenticators`, `auth/2fa`).
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "SecondFactor".
 */
export interface SecondFactor {
  on: boolean;
  fresh_until: number | null;
}
/**
 * `POST /api/sessions/{id}/cancel`, by the organiser or the patient: for everybody, with a reason they see.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "SessionCancel".
 */
export interface SessionCancel {
  reason: string;
}
/**
 * Server → client: a session one may attend is new or has changed; fetch it.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "SessionChanged".
 */
export interface SessionChanged {
  type: "session.changed";
  session: string;
}
/**
 * `POST /api/sessions/find`: slots for these people and the asker, from `starts` until `ends`, at most 62 days.
 *
 * `length` in minutes; `zone` is the one in which days are counted for the ranking. The asker need not be listed.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "SessionFind".
 */
export interface SessionFind {
  patient: string;
  thread: string;
  kind: "case_conference" | "joint" | "check_in";
  /**
   * @maxItems 24
   */
  participants: ParticipantIn[];
  length: number;
  starts: number;
  ends: number;
  zone: string;
  page: number;
}
/**
 * `POST /api/sessions/hold`: takes a slot on all calendars or none, answered with the session.
 *
 * `id` is made by the client; the same hold sent twice is one hold.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "SessionHold".
 */
export interface SessionHold {
  id: string;
  patient: string;
  thread: string;
  kind: "case_conference" | "joint" | "check_in";
  /**
   * @maxItems 24
   */
  participants: ParticipantIn[];
  length: number;
  starts_at: number;
  zone: string;
  early: number;
}
/**
 * Server → client: a session is no longer one's own. Nothing is said about why.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "SessionLost".
 */
export interface SessionLost {
  type: "session.lost";
  session: string;
}
/**
 * `GET /api/sessions/{id}`, for those who may attend, and the answer of hold, book, cancel, decline and agenda.
 *
 * `zone` is the one the time was agreed in. `expires_at` is set while held. `room` says that the room exists, and
 * `opens_at` from when its lobby can be entered.
 * `POST /api/sessions/{id}/book` confirms a hold (the organiser); `POST /api/sessions/{id}/decline` takes oneself
 * off the list. `GET /api/sessions/{id}/calendar.ics` is the neutral calendar entry.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "SessionOut".
 */
export interface SessionOut {
  id: string;
  patient: string;
  patient_name: string;
  thread: string;
  kind: "case_conference" | "joint" | "check_in";
  status: "held" | "lapsed" | "booked" | "cancelled";
  starts_at: number;
  ends_at: number;
  zone: string;
  organiser: string;
  expires_at: number | null;
  reason: string;
  agenda: string | null;
  participants: ParticipantOut[];
  room: boolean;
  opens_at: number;
  you_organise: boolean;
}
/**
 * `GET /api/sessions?page=1&past=false`: one's sessions ahead, the next first; with `past`, those gone by.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "SessionPage".
 */
export interface SessionPage {
  sessions: SessionOut[];
  page: number;
  more: boolean;
}
/**
 * `POST /api/sessions/start`: a session that begins now and is booked at once, answered with the session.
 *
 * Hours and notice are not asked, since everybody decides whether to come; no time is taken twice all the same.
 * `id` is made by the client; the same start sent twice is one session.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "SessionStart".
 */
export interface SessionStart {
  id: string;
  patient: string;
  thread: string;
  kind: "case_conference" | "joint" | "check_in";
  /**
   * @maxItems 24
   */
  participants: ParticipantIn[];
  length: number;
  early: number;
}
/**
 * An urgency or an acknowledgement exactly as signed (docs/protocol.md 3.12).
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "SignedWords".
 */
export interface SignedWords {
  body: string;
  sig: string;
}
/**
 * Where to send the browser; the provider sends it back to `/sso` with `code`, `state` and perhaps `iss`.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "SsoAddress".
 */
export interface SsoAddress {
  address: string;
}
/**
 * `POST /api/sso/begin`, without a session, and `POST /api/me/identities/begin`, to link one's account.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "SsoBegin".
 */
export interface SsoBegin {
  provider: string;
}
/**
 * `POST /api/sso/finish` and `POST /api/me/identities`: what came back in the address, as it came.
 *
 * Finishing answers `second_factor` (401) when the account has one: allauth's `2fa/authenticate` goes on from there.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "SsoReturn".
 */
export interface SsoReturn {
  code: string;
  state: string;
  iss: string;
}
/**
 * `GET /api/patients/{patient}/standing` (the patient, the officer, the care team): never the blocks.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "StandingOut".
 */
export interface StandingOut {
  authorities: AuthorityOut[];
  capacity: CapacityOut[];
  minor: boolean;
  /**
   * ISO date on which the patient comes of age, empty where the birth date is unknown or past.
   */
  majority_on: string;
  refuses_emergency: boolean;
}
/**
 * Server → members: the log, the consent or the members have moved; fetch the log, and `…/owed`.
 *
 * `what` `new`: one has become a member. `emergency`: somebody has declared one and waits for the keys, which the
 * client of any member may give.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "ThreadChanged".
 */
export interface ThreadChanged {
  type: "thread.changed";
  thread: string;
  log_seq: number;
  epoch: number;
  what: "new" | "log" | "consent" | "emergency";
}
/**
 * `POST /api/threads`: GENESIS and, in the same batch, the live directives of the patient and the first EPOCH.
 *
 * The thread id is the hash of the genesis entry, so sending it again answers the thread that exists.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "ThreadCreate".
 */
export interface ThreadCreate {
  /**
   * @minItems 1
   * @maxItems 200
   */
  entries: SignedLogEntry[];
  /**
   * @maxItems 200
   */
  seals: SealIn[];
}
/**
 * `GET /api/threads/{id}/keys`: public keys and certificates of everybody whom the log names, to replay it.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "ThreadKeys".
 */
export interface ThreadKeys {
  people: PersonKeys[];
}
/**
 * Server → one who may no longer read: drop the thread's keys and content; one's own messages remain by HTTP.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "ThreadLost".
 */
export interface ThreadLost {
  type: "thread.lost";
  thread: string;
}
/**
 * `GET /api/threads/{id}/marks`: delivered, read, and could not be read, a member.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "ThreadMarks".
 */
export interface ThreadMarks {
  marks: MemberMarks[];
}
/**
 * A member by the log; `may_read` is what consent says at this moment. `role` is the CT1 role number.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "ThreadMember".
 */
export interface ThreadMember {
  user: string;
  name: string;
  role: number;
  organisation: string | null;
  organisation_name: string;
  is_patient: boolean;
  may_read: boolean;
}
/**
 * `GET /api/threads/{id}/owed`: what the log lacks, for any member's client that may append it.
 *
 * `people` are those whose keys the objects name, and members who have other keys by now than the log knows: it is
 * read with these. `rotate`: the epoch has carried as many messages as it may, and a new one is due.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "ThreadOwed".
 */
export interface ThreadOwed {
  objects: OwedObject[];
  members: OwedMember[];
  people: PersonKeys[];
  rotate: boolean;
}
/**
 * `GET /api/threads?cursor=`: one's threads, the latest activity first, 50 a page; `cursor` null at the end.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "ThreadPage".
 */
export interface ThreadPage {
  threads: ThreadSummary[];
  cursor: string | null;
}
/**
 * A thread in one's list. It has no title on the server: a title is a sealed message.
 *
 * `head` is the highest message seq (0: none yet), `last_at` the time of that message. `read` is one's own read mark,
 * and `unread` counts what others wrote after it that one may read, changes and the like not counted: 1000 stands
 * for that many or more. `standing` `waiting`: one opened it and the patient has not permitted anybody yet.
 * `ended`: consent was withdrawn or one has left; only one's own messages remain readable, and `head`, `last_at` and
 * `members` tell of nothing later.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "ThreadSummary".
 */
export interface ThreadSummary {
  id: string;
  patient: string;
  patient_name: string;
  labels: string[];
  created_by: string;
  created_at: number;
  head: number;
  log_seq: number;
  log_head: string;
  epoch: number;
  last_at: number | null;
  read: number;
  unread: number;
  standing: "member" | "waiting" | "ended";
  closed: boolean;
  members: ThreadMember[];
  /**
   * Somebody reads the patient's messages in an emergency: a member's client sees to their keys.
   */
  emergency: boolean;
}
/**
 * One who can read the thread now: since when and by which directives; the patient by right, with none.
 *
 * `since` is when the directive began or the person joined, the later. `answers`: when they say they usually answer.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "ThreadReader".
 */
export interface ThreadReader {
  user: string;
  name: string;
  role: number;
  organisation: string | null;
  organisation_name: string;
  is_patient: boolean;
  since: number;
  until: number | null;
  basis: string[];
  answers: "" | "hours" | "day" | "two_days" | "week";
}
/**
 * `GET /api/threads/{id}/readers`: who can read this now, as the log and consent both say.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "ThreadReaders".
 */
export interface ThreadReaders {
  readers: ThreadReader[];
}
/**
 * An on-call role that a message may be addressed to; `holder` only where they may read the thread.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "ThreadRole".
 */
export interface ThreadRole {
  id: string;
  name: string;
  organisation_name: string;
  holder: string | null;
  holder_name: string;
}
/**
 * `GET /api/threads/{thread}/roles`: on-call roles of the organisations whose people may read the thread.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "ThreadRoles".
 */
export interface ThreadRoles {
  roles: ThreadRole[];
}
/**
 * `GET /api/threads/{id}/seals`: one's own seals, by epoch.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "ThreadSeals".
 */
export interface ThreadSeals {
  seals: SealOut[];
}
/**
 * `GET /api/threads/{thread}/urgencies?before=`: the latest 100 messages that have either, ascending by seq.
 *
 * Verify each under the signer's key before it is shown. `before` goes further back; null at the beginning.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "ThreadUrgencies".
 */
export interface ThreadUrgencies {
  urgencies: UrgencyOut[];
  acks: AckOut[];
  before: number | null;
}
/**
 * `POST /api/threads/{thread}/urgencies`: what a sender said of a message, and how far it has got.
 *
 * Retry-safe: the same bytes answer what stands. `state` `noted`: no answer was asked for. `due_at`: when the next in
 * line is told. `unanswered`: the line has ended without an answer, at once where nobody in it may read.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "UrgencyOut".
 */
export interface UrgencyOut {
  msg_id: string;
  seq: number;
  body: string;
  sig: string;
  state: "noted" | "waiting" | "acknowledged" | "unanswered";
  due_at: number | null;
  steps: EscalationStep[];
}
/**
 * Server → members who may read: a message's urgency or an acknowledgement has moved; fetch `…/urgencies`.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "UrgencyChanged".
 */
export interface UrgencyChanged {
  type: "urgency.changed";
  thread: string;
  msg_id: string;
  state: "noted" | "waiting" | "acknowledged" | "unanswered";
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
  protocol: number;
  oldest_build: number;
}
/**
 * Whom a witnessed word names: the grantee of a directive, or the patient's own account for a hand-over.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "WitnessingAbout".
 */
export interface WitnessingAbout {
  user: string;
  name: string;
  role: number;
  organisation_name: string;
}
/**
 * `POST /api/patients/{patient}/witnessings`: what the patient said, signed by the first witness.
 *
 * `id` is made by the client, so that a repeat is one row. `statement` is for a directive alone. Kind authority is
 * the hand-over to the own key of a patient who has an account by now: a CT1 change of authority, in force at
 * once where witnesses consented, else announced 72 hours to 30 days ahead.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "WitnessingIn".
 */
export interface WitnessingIn {
  id: string;
  kind: "directive" | "revoke" | "authority";
  method: "paper" | "verbal";
  body: string;
  signer: ConsentSigner;
  statement: string;
}
/**
 * One that waits for a witness, or came into force (`done`); `mine` where I have signed.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "WitnessingOut".
 */
export interface WitnessingOut {
  id: string;
  patient: string;
  patient_name: string;
  kind: "directive" | "revoke" | "authority";
  method: "paper" | "verbal";
  statement: string;
  body: string;
  /**
   * None for a withdrawal, and for a directive to a group.
   */
  about: WitnessingAbout | null;
  signers: ConsentSigner[];
  witnesses: string[];
  needed: number;
  mine: boolean;
  done: boolean;
  opened_at: number;
  expires_at: number;
}
/**
 * `GET /api/witnessings`: those of my patients that wait; `POST …/{id}/sign` (ConsentSigner), `DELETE …/{id}`.
 *
 * This interface was referenced by `Wire`'s JSON-Schema
 * via the `definition` "WitnessingsOut".
 */
export interface WitnessingsOut {
  witnessings: WitnessingOut[];
}

export const PROTOCOL = 1;
export const BUILD = 1;
