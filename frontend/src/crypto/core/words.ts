/** The words of what this person has read. */
import type { WordVault } from '../vaultApi';
import type { OpenVault } from './openVault';

export function wordsOf(vault: OpenVault): WordVault {
  return {
    hearWords: async (thread, heard, floor) => vault.words.hear(thread, heard, floor),
    findWords: async (query) => vault.words.find(query),
    coverOfWords: async (threads) => vault.words.cover(threads),
    forgetWords: async (thread) => vault.words.forget(thread),
    threadsOfWords: async () => vault.words.threads(),
  };
}
