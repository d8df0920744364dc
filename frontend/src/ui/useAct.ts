import { useCallback, useState } from 'react';
import { inWords } from '../api/errors';

/** Runs one act at a time: whether it is under way, what it came to grief on in words, and its code. */
export function useAct(): {
  isActing: boolean;
  trouble: string;
  act: (work: () => Promise<void>) => Promise<boolean>;
  clear: () => void;
} {
  const [isActing, setActing] = useState(false);
  const [trouble, setTrouble] = useState('');
  const act = useCallback(async (work: () => Promise<void>) => {
    setActing(true);
    setTrouble('');
    try {
      await work();
      return true;
    } catch (error) {
      setTrouble(inWords(error));
      return false;
    } finally {
      setActing(false);
    }
  }, []);
  return { isActing, trouble, act, clear: useCallback(() => setTrouble(''), []) };
}
