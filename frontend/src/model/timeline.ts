/** What the page of a thread shows, in order: messages, what cannot be shown and why, events, and what is on its way. */

import type { FileBody } from './files';

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
  /** Its sender took it back: nothing of it is shown any more. */
  isTakenBack?: boolean;
};

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
  | { kind: 'unreadable'; key: string; seq: number; at: number; code: string; sender: string }
  | { kind: 'withheld'; key: string; at: number; reason: 'history' | 'ended' }
  | { kind: 'event'; key: string; at: number; text: string };

/** How far the others have got with one of my messages. */
export type Reach = { read: string[]; delivered: string[]; waiting: string[]; failed: { name: string; code: string }[] };
