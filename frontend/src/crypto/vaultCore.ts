/** The vault itself, as it runs inside the Worker: one person's open keys, threads and calls, and what may be asked. */
import type { ConsentSigner, MyKeys, OrganisationOut, PersonKeys, RecoverySlot, RoomKeys, SlotIn } from '../wire.gen';
import { CallKeys } from './callKeys';
import type { MediaEnd, MediaKeys } from './callKeys';
import { authorityBytes, roleOfAuthority } from './authority';
import { AUTH_KINDS, directiveOf, handOverOf, revocationOf } from './consentDrafts';
import { signDirective, signRevoke } from './directives';
import { newestRecord, trustworthy } from './directory';
import type { Directory } from './directory';
import { MemoryDeviceStore } from './deviceStore';
import type { DeviceStore } from './deviceStore';
import { b64, unb64 } from './encoding';
import { cosign, declare } from './emergencyDrafts';
import { encodeClose, encodeGenesis, encodeMemberRemove } from './entries';
import { Ct1Error, VaultError } from './errors';
import { addObjects, admit, giveKeys, roleOf, sortedTexts } from './drafting';
import { HeldFiles } from './files';
