/** What this person has read, searched on this device: the index follows what is opened, and goes back when asked to. */
import * as api from '../api/threads';
import { codeOf } from '../api/errors';
import type { Vault } from '../crypto/vaultApi';
import type { WordCover } from '../crypto/wordIndex';
import type { Heard } from '../crypto/wordState';
import type { Piece } from '../search/snippet';
import type { MessageOut, MessagePage, ThreadSummary } from '../wire.gen';
import { Observable } from './observable';
import { bodyOf, visible } from './speech';
import type { Held } from './history';
import { inSentence } from './words';

const PAGE = 200;
const SLICE = 200;
const PAUSE_MS = 150;

export type SearchScope = { patient?: string; thread?: string };
export type FoundMessage = { key: string; thread: string; seq: number; at: number; title: string; sender: string; text: Piece[]; file: Piece[] };
export type Found = { messages: FoundMessage[]; total: number };

/** What is searched: conversations of `of` that are taken, in whole or back to a time. */
export type Coverage = { taken: number; of: number; isWhole: boolean; backTo: number | null; unopened: number };

type Parts = {
  vault: Pick<Vault, 'hearWords' | 'findWords' | 'coverOfWords' | 'forgetWords' | 'threadsOfWords' | 'openMessages'>;
  me: string;
  list: Observable<readonly ThreadSummary[] | null>;
  /** Opens a thread, so that the vault can open its messages; rejects when it cannot. */
  ready: (thread: string) => Promise<void>;
};

/** A message as the index takes it. */
export function heardOf({ seq, at, opened }: Pick<Held, 'seq' | 'at' | 'opened'>): Heard {
  if (!opened) return { seq, at, said: null };
  const { text, file, ref } = bodyOf(opened);
  return { seq, at, said: { sender: opened.sender, msgId: opened.msgId, ctype: opened.ctype, text, file: file?.name ?? '', ref: ref ?? '' } };
}

const isReadable = (thread: ThreadSummary) => thread.standing === 'member';
const isWhole = (cover: WordCover, head: number) => cover.low <= Math.max(1, cover.floor) && cover.high >= head;

/** What the covers of these threads come to, for the line that says it. */
export function coverageOf(threads: readonly ThreadSummary[], covers: readonly WordCover[]): Coverage {
  const written = threads.filter((thread) => isReadable(thread) && thread.head > 0);
  const heads = new Map(written.map(({ id, head }) => [id, head]));
  const taken = covers.filter(({ thread }) => heads.has(thread));
  const partly = taken.filter((cover) => !isWhole(cover, heads.get(cover.thread) ?? 0));
  return {
    taken: taken.length,
    of: written.length,
    isWhole: taken.length === written.length && partly.length === 0,
    backTo: partly.length ? Math.max(...partly.map(({ lowAt }) => lowAt)) : null,
    unopened: taken.reduce((sum, { unopened }) => sum + unopened, 0),
  };
}

export class Search {
  /** What was asked last: in memory alone, so that no address and no history of a browser keeps it. */
  readonly asked = new Observable('');
  readonly coverage = new Observable<Coverage>({ taken: 0, of: 0, isWhole: false, backTo: null, unopened: 0 });
  readonly isGoingBack = new Observable(false);
  /** Rises when what a question finds may have changed. */
  readonly version = new Observable(0);
  readonly #parts: Parts;
  readonly #waiting = new Map<string, { heard: Heard[]; floor: number }>();
  /** Threads that could not be opened, or gave nothing more, while this page is open. */
  readonly #stuck = new Set<string>();
  /** How often each thread was dropped: what was under way meanwhile must not bring it back. */
  readonly #drops = new Map<string, number>();
  #flushing: Promise<void> = Promise.resolve();
  #catching: Promise<void> = Promise.resolve();
  #soon: ReturnType<typeof setTimeout> | undefined;
  #isStopped = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  #readable(): readonly ThreadSummary[] {
    return (this.#parts.list.get() ?? []).filter(isReadable);
  }

  /** Messages of a thread have been opened: they are taken in a moment, in slices. */
  hear(thread: string, held: readonly Held[], floor: number): void {
    if (this.#isStopped) return;
    const waiting = this.#waiting.get(thread) ?? { heard: [], floor };
    waiting.heard.push(...held.map(heardOf));
    this.#waiting.set(thread, { ...waiting, floor });
    this.#soon ??= setTimeout(() => void this.flush(), PAUSE_MS);
  }

  /** Returns when all that was heard has been taken. */
  async flush(): Promise<void> {
    clearTimeout(this.#soon);
    this.#soon = undefined;
    this.#flushing = this.#flushing.then(() => this.#flushAll());
    await this.#flushing;
  }

  async #flushAll(): Promise<void> {
    for (const [thread, { heard, floor }] of this.#waiting) {
      this.#waiting.delete(thread);
      const drops = this.#drops.get(thread);
      for (let from = 0; from < heard.length && drops === this.#drops.get(thread); from += SLICE) {
        // Locked, or without a place to write: it is heard again when the thread is next opened.
        await this.#hearNow(thread, heard.slice(from, from + SLICE), floor).catch(() => undefined);
      }
    }
    this.version.update((version) => version + 1);
  }

  async #hearNow(thread: string, heard: Heard[], floor: number): Promise<void> {
    const drops = this.#drops.get(thread);
    await this.#parts.vault.hearWords(thread, heard, floor);
    if (drops !== this.#drops.get(thread)) await this.#parts.vault.forgetWords(thread);
  }

  async #covers(): Promise<WordCover[]> {
    return this.#parts.vault.coverOfWords(this.#readable().map(({ id }) => id));
  }

  async refreshCoverage(): Promise<void> {
    this.coverage.set(coverageOf(this.#readable(), await this.#covers()));
  }

  /** The newest messages in which every word that was asked begins a word, of threads that this person may read now. */
  async find(asked: string, scope: SearchScope, limit: number): Promise<Found> {
    const threads = this.#readable().filter(({ id, patient }) => (!scope.thread || scope.thread === id) && (!scope.patient || scope.patient === patient));
    const { hits, total } = await this.#parts.vault.findWords({ asked, threads: threads.map(({ id }) => id), limit });
    const shown = (pieces: Piece[]) => pieces.map((piece) => ({ ...piece, text: visible(piece.text) }));
    const messages = hits.map(({ thread, seq, at, sender, text, file }) => {
      const summary = threads.find(({ id }) => id === thread);
      const name = summary?.members.find(({ user }) => user === sender)?.name ?? 'Somebody who has left';
      return { key: `${thread} ${seq}`, thread, seq, at, title: summary ? this.#titleOf(summary) : '', sender: sender === this.#parts.me ? 'You' : name, text: shown(text), file: shown(file) };
    });
    return { messages, total };
  }

  /** About whom it is; for the patient, who know that, with whom. */
  #titleOf({ patient_name: patient, members }: ThreadSummary): string {
    const amPatient = members.some(({ user, is_patient: isPatient }) => isPatient && user === this.#parts.me);
    const others = members.filter(({ user, may_read: mayRead }) => mayRead && user !== this.#parts.me).map(({ name }) => name);
    return amPatient && others.length ? inSentence(others) : patient;
  }

  /** While somebody searches, what is written meanwhile is searched too; until the returned function is called. */
  watch(): () => void {
    const follow = () => void this.catchUp().catch(() => undefined);
    follow();
    return this.#parts.list.subscribe(follow);
  }

  /** Brings what is searched up to the newest message, with every later edit and retraction of what is searched already. */
  catchUp(): Promise<void> {
    this.#catching = this.#catching.catch(() => undefined).then(() => this.#catchUpNow());
    return this.#catching;
  }

  async #catchUpNow(): Promise<void> {
    if (this.#isStopped) return;
    await this.flush();
    const heads = new Map(this.#readable().map(({ id, head }) => [id, head]));
    for (const { thread, high } of await this.#covers()) {
      if (high >= (heads.get(thread) ?? 0)) continue;
      try {
        await this.#parts.ready(thread);
        await this.#takeAsides(thread, high);
        await this.#take(thread, await api.fetchMessages(thread, { limit: PAGE }));
      } catch (error) {
        if (codeOf(error) === 'offline') break;
      }
    }
    await this.refreshCoverage();
  }

  /** Takes history in until every conversation is searched whole, or `stop`, or the connection is gone. */
  async goBack(): Promise<void> {
    if (this.isGoingBack.get()) return;
    this.isGoingBack.set(true);
    this.#stuck.clear();
    try {
      await this.flush();
      while (this.isGoingBack.get() && !this.#isStopped) {
        const next = this.#next(await this.#covers());
        if (!next) break;
        await this.#step(next.id, next.cover);
        await this.refreshCoverage();
      }
    } finally {
      this.isGoingBack.set(false);
    }
  }

  stopGoingBack(): void {
    this.isGoingBack.set(false);
  }

  /** The conversation that is furthest behind: one that was never taken, then the one whose taken part is the shortest. */
  #next(covers: readonly WordCover[]): { id: string; cover: WordCover | null } | null {
    const candidates = this.#readable()
      .filter(({ id, head }) => head > 0 && !this.#stuck.has(id))
      .map(({ id, head }) => ({ id, head, cover: covers.find(({ thread }) => thread === id) ?? null }))
      .filter(({ cover, head }) => !cover || !isWhole(cover, head));
    const backTo = (cover: WordCover | null) => cover?.lowAt ?? Infinity;
    return candidates.sort((a, b) => backTo(b.cover) - backTo(a.cover))[0] ?? null;
  }

  async #step(thread: string, cover: WordCover | null): Promise<void> {
    try {
      await this.#parts.ready(thread);
      const head = this.#readable().find(({ id }) => id === thread)?.head ?? 0;
      const isBehind = !cover || cover.high < head;
      if (isBehind) await this.#takeAsides(thread, cover?.high ?? 0);
      await this.#take(thread, await api.fetchMessages(thread, isBehind ? { limit: PAGE } : { before: cover.low, limit: PAGE }));
    } catch (error) {
      if (codeOf(error) === 'offline') this.stopGoingBack();
      this.#stuck.add(thread);
      return;
    }
    const after = (await this.#covers()).find((one) => one.thread === thread);
    if (!after || (cover && after.low >= cover.low && after.high <= cover.high)) this.#stuck.add(thread);
  }

  /** A message may have been changed or taken back long after: no word of it is searched before that is known. */
  async #takeAsides(thread: string, after: number): Promise<void> {
    for (let from = after; ; ) {
      const page = await api.fetchMessages(thread, { asides: true, after: from, limit: PAGE });
      await this.#take(thread, page);
      const last = page.messages.at(-1)?.seq;
      if (last === undefined || page.messages.length < PAGE) return;
      from = last;
    }
  }

  async #take(thread: string, page: MessagePage): Promise<void> {
    if (page.own_only) return;
    const drops = this.#drops.get(thread);
    const held = await this.#open(thread, page.messages);
    if (drops === this.#drops.get(thread)) await this.#hearNow(thread, held.map(heardOf), page.floor);
    this.version.update((version) => version + 1);
  }

  async #open(thread: string, messages: readonly MessageOut[]): Promise<Pick<Held, 'seq' | 'at' | 'opened'>[]> {
    if (messages.length === 0) return [];
    const results = await this.#parts.vault.openMessages(thread, messages.map(({ seq, wire }) => ({ seq, wire })));
    return messages.map(({ seq, at }, index) => {
      const result = results[index];
      return { seq, at, opened: result?.ok ? result.message : null };
    });
  }

  /** Those of which there are words on this device. */
  threads(): Promise<string[]> {
    return this.#parts.vault.threadsOfWords();
  }

  /** A thread may not be read any more, or is read anew: its words go from this device at once. */
  async forget(thread: string): Promise<void> {
    this.#drops.set(thread, (this.#drops.get(thread) ?? 0) + 1);
    this.#waiting.delete(thread);
    await this.#parts.vault.forgetWords(thread).catch(() => undefined);
    this.version.update((version) => version + 1);
    await this.refreshCoverage().catch(() => undefined);
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#soon);
    this.#waiting.clear();
    this.isGoingBack.set(false);
  }
}
