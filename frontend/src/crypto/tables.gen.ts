// Written by crypto/generate_tables.py from crypto/tables.json (docs/protocol.md): do not edit.

export const VERSION = 1;
export const ID_BYTES = 16;
export const KEY_BYTES = 32;
export const SIGNATURE_BYTES = 64;
export const NONCE_BYTES = 24;
export const MAX_INTEGER = 9007199254740991;
export const MAX_ENTRY = 65536;
export const MAX_CIPHERTEXT = 70000;
export const MAX_BODY = 65536;
export const PAD_SMALL = 256;
export const PAD_LARGE = 4096;
export const PAD_LARGE_FROM = 4096;
export const CLOCK_TOLERANCE_MS = 300000;
export const DIRECTIVE_MAX_MS = 31622400000;
export const PASSWORD_T = 3;
export const PASSWORD_M = 67108864;
export const PASSWORD_MAX_T = 20;
export const PASSWORD_MAX_M = 1073741824;
export const EPOCH_MAX_AGE_S = 604800;
export const EPOCH_MAX_MSGS = 10000;
export const ENTRY_NONCRITICAL = 128;
export const MIN_WITNESSES = 2;
export const CHANGE_WAIT_MS = 259200000;
export const CHANGE_STANDS_MS = 2592000000;
export const EMERGENCY_MAX_MS = 14400000;
export const EMERGENCY_HISTORY_MS = 2592000000;
export const EMERGENCY_AGAIN_MS = 86400000;
export const EMERGENCY_REASON_MAX = 500;
export const ATT_CHUNK = 65536;
export const ATT_HEADER = 24;
export const ATT_OVERHEAD = 17;
export const PREVIEW_MAX = 32768;
export const PURPOSE_TREATMENT = 'TREAT';

/** Domain separation: adding one is a change of the protocol. */
export const Label = {
  FP: 'CT1:fp',
  UKR: 'CT1:ukr',
  UKR_SIG: 'CT1:ukr-sig',
  UKR_POP: 'CT1:ukr-pop',
  CERT: 'CT1:cert',
  CERT_SIG: 'CT1:cert-sig',
  THREAD_ID: 'CT1:thread-id',
  LOG: 'CT1:log',
  LOG_SIG: 'CT1:log-sig',
  LOG_HASH: 'CT1:log-hash',
  DIRECTIVE: 'CT1:directive',
  DIRECTIVE_SIG: 'CT1:directive-sig',
  DIRECTIVE_HASH: 'CT1:directive-hash',
  REVOKE: 'CT1:revoke',
  REVOKE_SIG: 'CT1:revoke-sig',
  EPOCH_COMMIT: 'CT1:epoch-commit',
  EPOCH_SEAL: 'CT1:epoch-seal',
  MSG: 'CT1:msg',
  MSG_KEY: 'CT1:msg-key',
  MSG_CT: 'CT1:msg-ct',
  MSG_SIG: 'CT1:msg-sig',
  MSG_HASH: 'CT1:msg-hash',
  ATT: 'CT1:att',
  SLOT: 'CT1:slot',
  SLOT_KEK: 'CT1:slot-kek',
  SLOT_KEK_PRF: 'CT1:slot-kek-prf',
  SLOT_KEK_RC: 'CT1:slot-kek-rc',
  SLOT_COMMIT: 'CT1:slot-commit',
  AUTH: 'CT1:auth',
  RC_AUTH: 'CT1:rc-auth',
  PRF: 'CT1:prf',
  KEYRING: 'CT1:keyring',
  PINS: 'CT1:pins',
  COMP_FP: 'CT1:comp-fp',
  SAFETY: 'CT1:safety',
  THREAD_FP: 'CT1:thread-fp',
  CONF: 'CT1:conf',
  CONF_JOIN: 'CT1:conf-join',
  CONF_JOIN_SIG: 'CT1:conf-join-sig',
  CONF_SEAL: 'CT1:conf-seal',
  CONF_COMMIT: 'CT1:conf-commit',
  CONF_KEY_SIG: 'CT1:conf-key-sig',
  CONF_FRAME: 'CT1:conf-frame',
  ESCROW_ACCESS: 'CT1:escrow-access',
  STATEMENT: 'CT1:statement',
  LOCAL: 'CT1:local',
  AUTHORITY: 'CT1:authority',
  AUTHORITY_SIG: 'CT1:authority-sig',
  BREAK_GLASS: 'CT1:break-glass',
  BREAK_GLASS_SIG: 'CT1:break-glass-sig',
} as const;
export type Label = (typeof Label)[keyof typeof Label];

export const Suite = {
  X25519: 1,
} as const;
export type Suite = (typeof Suite)[keyof typeof Suite];

export const Role = {
  PATIENT: 0,
  THERAPIST: 1,
  PSYCHIATRIST: 2,
  PHYSICIAN: 3,
  NURSE: 4,
  CASE_MANAGER: 5,
  REPRESENTATIVE: 6,
  PSYCHOLOGIST: 7,
  SOCIAL_WORKER: 8,
  PHARMACIST: 9,
} as const;
export type Role = (typeof Role)[keyof typeof Role];

export const UkrReason = {
  FIRST: 1,
  ROTATE: 2,
  COMPROMISE: 3,
  RESET: 4,
} as const;
export type UkrReason = (typeof UkrReason)[keyof typeof UkrReason];

export const CertKind = {
  STAFF: 1,
  PATIENT: 2,
  KIOSK: 3,
  WITNESS: 4,
  REPRESENTATIVE: 5,
} as const;
export type CertKind = (typeof CertKind)[keyof typeof CertKind];

export const CertMethod = {
  IN_PERSON: 1,
  DOCUMENT_AND_VIDEO: 2,
  LETTER_CODE: 3,
} as const;
export type CertMethod = (typeof CertMethod)[keyof typeof CertMethod];

export const SlotKind = {
  PASSWORD: 1,
  PASSKEY: 2,
  RECOVERY: 3,
  REMEMBERED_DEVICE: 4,
  ORGANISATION: 5,
} as const;
export type SlotKind = (typeof SlotKind)[keyof typeof SlotKind];

export const EntryType = {
  GENESIS: 1,
  DIRECTIVE: 2,
  REVOKE: 3,
  MEMBER_ADD: 4,
  MEMBER_REMOVE: 5,
  EPOCH: 6,
  HISTORY_SHARE: 7,
  KEY_UPDATE: 8,
  AUTHORITY_CHANGE: 9,
  POLICY_CHANGE: 10,
  BREAK_GLASS: 11,
  CLOSE: 12,
} as const;
export type EntryType = (typeof EntryType)[keyof typeof EntryType];

export const AuthKind = {
  PATIENT: 1,
  REPRESENTATIVE: 2,
  WITNESSED: 3,
  QUORUM: 4,
} as const;
export type AuthKind = (typeof AuthKind)[keyof typeof AuthKind];

export const Effect = {
  PERMIT: 1,
  DENY: 2,
} as const;
export type Effect = (typeof Effect)[keyof typeof Effect];

export const GranteeKind = {
  KEY: 1,
  ORGANISATION: 2,
  ROLE: 3,
  CARE_TEAM: 4,
} as const;
export type GranteeKind = (typeof GranteeKind)[keyof typeof GranteeKind];

export const HistoryKind = {
  NONE: 0,
  FROM_JOIN: 1,
  ALL: 2,
  FROM_DATE: 3,
} as const;
export type HistoryKind = (typeof HistoryKind)[keyof typeof HistoryKind];

export const RevokeKind = {
  DIRECTIVE: 1,
  GRANTEE: 2,
  EVERYONE: 3,
} as const;
export type RevokeKind = (typeof RevokeKind)[keyof typeof RevokeKind];

export const RevokeReason = {
  UNSAID: 0,
  CHANGED_MIND: 1,
  CARE_ENDED: 2,
  MISTAKE: 3,
  SAFETY: 4,
} as const;
export type RevokeReason = (typeof RevokeReason)[keyof typeof RevokeReason];

export const ChangeReason = {
  UNSAID: 0,
  OWN_KEY: 1,
  CAME_OF_AGE: 2,
  OFFICE_BEGAN: 3,
  OFFICE_ENDED: 4,
  KEY_LOST: 5,
  RENEWED: 6,
} as const;
export type ChangeReason = (typeof ChangeReason)[keyof typeof ChangeReason];

export const RemoveReason = {
  LEFT: 1,
  CONSENT_ENDED: 2,
  CARE_ENDED: 3,
  POST_ENDED: 4,
  CONDUCT: 5,
  KEY_RESET: 6,
} as const;
export type RemoveReason = (typeof RemoveReason)[keyof typeof RemoveReason];

export const CloseReason = {
  UNSAID: 0,
  CARE_ENDED: 1,
  MOVED: 2,
  MISTAKE: 3,
} as const;
export type CloseReason = (typeof CloseReason)[keyof typeof CloseReason];

export const EpochReason = {
  FIRST: 1,
  MEMBER_ADDED: 2,
  MEMBER_REMOVED: 3,
  CONSENT_CHANGED: 4,
  EXPIRED: 5,
  KEY_CHANGED: 6,
  AGE: 7,
  REQUESTED: 8,
  EMERGENCY: 9,
  AUTHORITY_CHANGED: 10,
} as const;
export type EpochReason = (typeof EpochReason)[keyof typeof EpochReason];

export const RecipientKind = {
  MEMBER: 1,
  COMPLIANCE: 2,
  EMERGENCY: 3,
} as const;
export type RecipientKind = (typeof RecipientKind)[keyof typeof RecipientKind];

export const ContentType = {
  TEXT: 1,
  ATTACHMENT: 2,
  EDIT: 3,
  REDACT: 4,
  RECEIPT: 5,
  REACTION: 6,
  SYSTEM: 7,
  CONFERENCE: 8,
  TASK: 9,
  CARD: 10,
  SUBJECT: 11,
} as const;
export type ContentType = (typeof ContentType)[keyof typeof ContentType];

/** Bits. */
export const Action = {
  READ: 1,
  POST: 2,
  ATTACH: 4,
  JOIN: 8,
  ADMIT: 16,
  RECORD: 32,
  EXPORT: 64,
} as const;

/** Bits. */
export const GenesisFlag = {
  BREAK_GLASS: 1,
  COMPLIANCE: 2,
  FOLLOW_ROTATION: 4,
} as const;

/** The roles that may add and remove members. */
export const LEADS: ReadonlySet<number> = new Set([Role.THERAPIST, Role.PSYCHIATRIST, Role.PHYSICIAN, Role.CASE_MANAGER]);

export type ErrorCode =
  | 'E_ENC'
  | 'E_SIZE'
  | 'E_LABEL'
  | 'E_VERSION'
  | 'E_SUITE'
  | 'E_SUITE_DOWNGRADE'
  | 'E_ENUM'
  | 'E_SIG'
  | 'E_UNKNOWN_KEY'
  | 'E_CERT'
  | 'E_KEY_CHANGED'
  | 'E_KEY_COMMIT'
  | 'E_KEY_REUSE'
  | 'E_SEAL'
  | 'E_SEAL_CTX'
  | 'E_SEAL_MISSING'
  | 'E_AEAD'
  | 'E_PAD'
  | 'E_THREAD'
  | 'E_THREAD_ID'
  | 'E_DUP'
  | 'E_REPLAY'
  | 'E_GAP'
  | 'E_LOG_SEQ'
  | 'E_LOG_PREV'
  | 'E_LOG_FORK'
  | 'E_LOG_ROLLBACK'
  | 'E_LOG_BEHIND'
  | 'E_TS'
  | 'E_NOT_MEMBER'
  | 'E_SCOPE'
  | 'E_RECIPIENTS'
  | 'E_EPOCH_SEQ'
  | 'E_EPOCH_ORDER'
  | 'E_STALE_EPOCH'
  | 'E_NO_EPOCH'
  | 'E_ROTATE_REQUIRED'
  | 'E_NO_GRANT'
  | 'E_GRANT_AUTHORITY'
  | 'E_GRANT_SUBJECT'
  | 'E_GRANT_ROLE'
  | 'E_GRANT_THREAD'
  | 'E_GRANT_DUP'
  | 'E_GRANT_TIME'
  | 'E_GRANT_EXPIRED'
  | 'E_GRANT_REVOKED'
  | 'E_REVOKE_AUTHORITY'
  | 'E_QUORUM'
  | 'E_HISTORY'
  | 'E_UNSUPPORTED'
  | 'E_UNWRAP'
  | 'E_KDF_WEAK'
  | 'E_KDF_DOS'
  | 'E_KEYRING_ROLLBACK'
  | 'E_ATT'
  | 'E_ATT_TRUNC'
  | 'E_ATT_TRAIL'
  | 'E_CONF';
