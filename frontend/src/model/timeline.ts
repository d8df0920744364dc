/** What the page of a thread shows, in order: messages, what cannot be shown and why, events, and what is on its way. */

import type { FileBody } from './files';
import type { Version } from './speech';

export type Sender = { user: string; name: string; role: string; organisation: string; isMe: boolean; isPatient: boolean };

export type ScreeningRequest = { kind: 'screening.request'; instrument: string; version: string };
export type ScreeningResponse = {
  kind: 'screening.response';
  instrument: string;
  version: string;
  request: string;
  resource: QuestionnaireResponse;
};
export type Card = ScreeningRequest | ScreeningResponse;

export type QuestionnaireResponse = {
  resourceType: 'QuestionnaireResponse';
  status: 'completed';
  questionnaire: string;
  authored: string;
  item: { linkId: string; answer: { valueCoding: { system: string; code: string; display: string } }[] }[];
};

export type MessageLine = {
  kind: 'message';
  key: string;
  seq: number;
  msgId: string;
  sender: Sender;
  at: number;
  text: string;
  card: Card | null;
  file?: FileBody | null;
  hash?: string;
  quote?: Quote | null;
  /** What it said before, oldest first. */
  earlier?: readonly Version[];
  /** The names in it that are members', and whether mine is one. */
  names?: readonly string[];
  isForMe?: boolean;
  /** How far the sender's clock was off, in ms, when it is worth a word. */
  clockOff?: number;
};

/** The message that another answers, as this device holds it: what was not shared with a reader is not quoted to them. */
export type Quote = { seq: number; state: 'here' | 'away' | 'gone' | 'unknown'; name: string; line: string };

/** A message that its author took back: who and when remain. */
export type RetractedLine = { kind: 'retracted'; key: string; seq: number; sender: Sender; at: number; takenBackAt: number };

export type OutgoingLine = {
  kind: 'outgoing';
  key: string;
  at: number;
  text: string;
  card: Card | null;
  file?: FileBody | null;
  state: 'queued' | 'sending' | 'failed';
  code: string;
  /** A text can be taken back into the composer; a card or a name is made anew. */
  mayEdit: boolean;
};

export type Line =
  | MessageLine
  | OutgoingLine
  | RetractedLine
  | { kind: 'unreadable'; key: string; seq: number; at: number; code: string; sender: string }
  /** A message that the sender of the next line had seen, and this device was not given. */
  | { kind: 'missing'; key: string; at: number; name: string }
  | { kind: 'withheld'; key: string; at: number; reason: 'history' | 'ended' }
  | { kind: 'event'; key: string; at: number; text: string }
  | { kind: 'new'; key: string; at: number };

/** How far the others have got with one of my messages. */
export type Reach = { read: { name: string; at: number | null }[]; delivered: string[]; waiting: string[]; failed: { name: string; code: string }[] };
