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
export const ACK_MIN_MS = 60000;
export const ACK_MAX_MS = 86400000;
export const ADDRESSEES_MAX = 8;
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
  URGENCY: 'CT1:urgency',
  URGENCY_SIG: 'CT1:urgency-sig',
  ACK: 'CT1:ack',
  ACK_SIG: 'CT1:ack-sig',
  COMPLIANCE_KEY: 'CT1:compliance-key',
  COMPLIANCE_KEY_SIG: 'CT1:compliance-key-sig',
  SHARE: 'CT1:share',
  ESCROW_ACCESS_SIG: 'CT1:escrow-access-sig',
  POLICY: 'CT1:policy',
  POLICY_SIG: 'CT1:policy-sig',
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

export const PinState = {
  SEEN: 1,
  VERIFIED: 2,
} as const;
export type PinState = (typeof PinState)[keyof typeof PinState];

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

export const Priority = {
  ROUTINE: 1,
  IMPORTANT: 2,
  URGENT: 3,
} as const;
export type Priority = (typeof Priority)[keyof typeof Priority];

export const AddresseeKind = {
  PERSON: 1,
  ROLE: 2,
} as const;
export type AddresseeKind = (typeof AddresseeKind)[keyof typeof AddresseeKind];

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
  PIN: 128,
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

export const WORDS: readonly string[] = [
  'abacus ablaze abroad accent acorn action afar affirm aflame afoot agency agile ahead aide ajar album alibi',
  'alive aloe aloha aloof alumni amaze ambush amid amino among ample amulet anchor anew angler ankle anthem',
  'antsy anyhow anyway apache apple apron aqua arena arise armory aroma around arrest ascend ashy askew aspire',
  'atlas atop attach attic august autism avenge avid await award awoke axis baboon bacon badge baffle baggie',
  'balmy banana banjo banner barber barley barn bash basket batch baton battle blade blame blast bleep bless',
  'blinks blitz blog blouse bluish blurb boat bobcat boggle boil boney bonsai bony booth boss both bounce boxcar',
  'boxy breeze bribe bride brim broken brook brunch brute bucket budget buggy bulge bunch bungee bunny busboy',
  'busily buzz cabbie cache cacti cadet cake cameo canal candle canine canola cape caress carol cartel case',
  'casino catchy catsup caucus caviar celery cement chafe chance chaps chase cheek cherub chevy chief chimp',
  'chirpy choice choosy chosen chubby chug chunk chute cinch circle city clad clammy clause clay cleft clerk',
  'client clip cloak clone clover clunky coach cobalt cocoa coffee coke cold colt come comic compel cone copier',
  'copy cork corral cortex cost couch could cover cozy crafty crane crayon crease creme crepe crier crispy crock',
  'crop crouch crumb crux cuddle curdle curfew curry curtly cusp cymbal daily dairy dance danger darn dash dawn',
  'dealer debate debtor decade deck decree deem deface defog defuse degree delay delta demise denial dense deny',
  'deploy depth derail detail deuce dial diary dilute dimly dimple dinghy dipper dish dismay ditch ditzy doable',
  'dock doily dollar donor doodle dork dosage dove dowry drab draw drench drew drift driven drool drown drum',
  'duct duffel duke duly duplex dust duvet dweeb eagle early earwig easily eaten ebay ebook echo edge editor',
  'eggnog eject eldest elite elude email ember embody emit empty enamel energy engulf enrich ensure entire',
  'entrap envy epic equity error eskimo estate ethics even evoke exact excuse exes exhume exit expand expire',
  'extent fable facial fade false family fang faucet fedora feel feline fence ferret fester fetch fiber fifth',
  'filler filter finch five flaky flap flatly flick flight flip float flop floss foam folic follow font fool',
  'fossil foyer frays french friday frill frisk from frosty frown fruit gains galley game gander garage gargle',
  'garnet gave gear geek gender gently getup giblet gift gigolo girdle gizmo glance glass glitch glory glove',
  'gluten goal golf gone good goofy goon gore gossip gotten gown grader granny grasp gray grew grief grinch grit',
  'groin ground grower grudge guide gulf gulp gurgle gush guts hacker half halves hamper hankie hardly hash',
  'haste hate haven hazy heap heave hefty helmet hence herald hermit hubcap huff hulk humble hummus hunger',
  'hunter hurler hurt hybrid icky idiocy igloo iguana impale imply impure ipad ipod iron itunes jackal jargon',
  'java jazz jelly jester jigsaw jingle jockey john jolt joyous judo juice jumble junior juror justly karate',
  'kebab keep kennel kettle kiln kimono kisser kitten knee knoll kooky kudos ladder lagoon lake lanky lapel lard',
  'lark lasso latch lather launch lavish lazy legacy lego lemon length lesser level life likely lilly limb limit',
  'lingo lion lisp litmus lively lucid lunacy lurch lurk luster macaw maggot maker mama manger manly mantis many',
  'mardi marina maroon marshy masses matrix mauve mayday mobile modify molar monday morale mosaic most motor',
  'mouse move mower muck mule mummy muppet murky mushy muster mute mutt muzzle myth nail nanny napkin narrow',
  'nature nearby nebula negate nephew nervy neuron never niece nimble ninth nugget nutmeg nuzzle oasis oblong',
  'obtain occupy ocelot ogle okay omega omit online onto onyx ooze opal opium other ouch ounce outbid outfit',
  'output oval oven oxygen ozone paddle pager paltry panda pantry paper parcel parish parlor parrot pasta path',
  'patrol paver payee pecan pellet pencil perch perky pesky pester petite petty phoney phrase plasma plaza',
  'pledge plod plot ploy plug plus poem pointy poker police polo pond pope popper porous poser possum pouch pout',
  'powwow prayer prefix prepay prewar print prism probe proofs proton proven prozac prune pucker pull pulse',
  'pumice punch pupil purely purify purse putt python quail qualm quench quiet quirk quiver rabid racism racoon',
  'radial raft raisin rally ramrod random rants rarity rash raven reach reason rebel rebuff recede recoil refill',
  'refold regain regime reheat relax reload remake remix rename reopen repeal repose rerun reseal resort retail',
  'retry retype reveal revoke reword rhyme rice ridden rift rigor rink riot rise ritzy roamer robe robust rogue',
  'romp roster rotten rubber ruckus rule rumor runt rural rush safari saga said sake saline salsa salute sample',
  'sank sash satin sauna savior scabby scam scarce scheme scoff scoop scorch scouts screen scroll scuff second',
  'sector seldom senate senior septic series serve settle shabby shadow shaky shank share sheath shelf shield',
  'shimmy shirt shone shout shower shriek shun shut siesta silent silk silo silver simple sinner sister sitter',
  'size sketch skid skirt slab slain slang slaw slept slider slip sliver sloppy sludge slum slush smell smite',
  'smog smooth smugly snap snazzy sneer sniff snooze snout snub snugly specks spent sphere spider spill spleen',
  'spoils sponge spore spouse spree sprout spry spur squeak stable staff stamp staple stash stays stem step stew',
  'stifle stingy stitch stoic stole stony storm stove streak strobe stucco stuffy stung sturdy sublet subtly',
  'subway sudden suds sugar sulfur sullen supper surfer sushi swan sway sweep swept swipe swivel swore syrup',
  'tabby tackle take tall tamale tamper taps tarmac tartar tassel tattle tavern that thee these think thong',
  'those thread throat thumb tiara tidal tidy tile tilt tingle tinsel tiny tipper trace train traps tray treble',
  'tremor triage trifle tripod trough truce trunks tshirt tulip tummy turf turret tutor tweak twelve twerp twig',
  'twirl twitch tyke ultra upbeat upheld uphold upon uproar uptake upward urchin usable user usual utopia vacant',
  'valley vanish veal veggie velvet venue verse vessel veto vibes video viper virus vision vista voice volley',
  'vowel wafer wager wagon walk walrus wand washer watch wavy wharf whiff whole wick widget width wifi willow',
  'wimp wind winter wiry wise wispy wobble womb wool work worst wreath wrist xerox yard yeah yeast yield yodel',
  'yogurt yoyo zebra zesty zips zombie',
].flatMap((line) => line.split(' '));

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
  | 'E_CONF'
  | 'E_SHARE'
  | 'E_COMPLIANCE';
