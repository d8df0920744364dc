import { useCallback, useMemo, useState } from 'react';
import type { UrgencyWish } from '../../crypto/vaultApi';
import { MOST_MENTIONS } from '../../model/body';
import { Observable } from '../../model/observable';
import type { OpenThread } from '../../model/openThread';
import { mentionsIn } from '../../model/speech';
import type { ThreadView } from '../../model/threadView';
import type { MessageLine } from '../../model/timeline';
import { toast } from '../kit';
import { useModel } from '../useModel';
import type { MessageActs } from './MessageMenu';

/** The message that is being answered or changed; `draft` holds the changed words, apart from what was being written. */
export type About = { what: 'reply'; line: MessageLine } | { what: 'edit'; line: MessageLine; draft: Observable<string> };

/** Writing about a message: answering, changing and taking back, and going to one. */
export function useSpeech(thread: OpenThread, view: ThreadView) {
  const { threads } = useModel();
  const [chosen, setAbout] = useState<About | null>(null);
  // What was taken back while it was being answered is answered no more.
  const about = chosen && view.lines.some((line) => line.kind === 'message' && line.key === chosen.line.key) ? chosen : null;
  const [retracting, setRetracting] = useState<MessageLine | null>(null);
  const acts = useMemo<MessageActs>(
    () => ({
      onReply: (line) => setAbout({ what: 'reply', line }),
      onEdit: (line) => setAbout({ what: 'edit', line, draft: new Observable(line.text) }),
      onRetract: setRetracting,
      onPin: (line, isPinned) => void threads.pin(view.id, line, isPinned),
      pinned: new Set(view.pinned.map(({ line }) => line.key)),
    }),
    [threads, view.id, view.pinned],
  );
  const jump = useCallback(
    async (seq: number) => {
      if (!(await thread.jumpTo(seq))) toast('That message is not within what you can read here.');
    },
    [thread],
  );
  const written = threads.drafts.of(view.id);
  const send = async (text: string, wish: UrgencyWish | null) => {
    const mentions = mentionsIn(text, view.readers);
    if (mentions.length > MOST_MENTIONS) {
      (about?.what === 'edit' ? about.draft : written).set(text);
      toast(`A message can name at most ${MOST_MENTIONS} people. Nothing was sent.`);
      return;
    }
    setAbout(null);
    if (about?.what === 'edit') {
      if (text !== about.line.text) await threads.edit(view.id, about.line.msgId, { text, mentions });
      return;
    }
    const reply = about?.line.hash ? { ref: about.line.msgId, seq: about.line.seq, hash: about.line.hash } : undefined;
    await threads.post(view.id, { text, card: null, ...(mentions.length ? { mentions } : {}), ...(reply ? { reply } : {}), ...(wish ? { wish } : {}) });
  };
  return {
    about,
    acts,
    send,
    retracting,
    draft: about?.what === 'edit' ? about.draft : written,
    jump: (seq: number) => void jump(seq),
    leave: () => setAbout(null),
    keep: () => setRetracting(null),
  };
}
