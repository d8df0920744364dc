import { useCallback, useRef, useState } from 'react';
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
  const isUnderWay = useRef(false);
  const act = useCallback(async (work: () => Promise<void>) => {
    // Enter in a form reaches here past a button that waits.
    if (isUnderWay.current) return false;
    isUnderWay.current = true;
    setActing(true);
    setTrouble('');
    try {
      await work();
      return true;
    } catch (error) {
      setTrouble(inWords(error));
      return false;
    } finally {
      isUnderWay.current = false;
      setActing(false);
    }
  }, []);
  return { isActing, trouble, act, clear: useCallback(() => setTrouble(''), []) };
}
