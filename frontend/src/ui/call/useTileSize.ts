import { useEffect, useRef, type RefObject } from 'react';
import { sizeOfTile, type TileSize } from '../../model/tileSizes';

/** Reports how large an element is shown, at every change, and null when it goes. */
export function useTileSize<E extends Element>(report: ((size: TileSize | null) => void) | undefined): RefObject<E | null> {
  const element = useRef<E>(null);
  const latest = useRef(report);
  useEffect(() => {
    latest.current = report;
  });
  const isReported = report !== undefined;
  useEffect(() => {
    const node = element.current;
    if (!node || !isReported) return;
    const tell = () => latest.current?.(sizeOfTile(node.getBoundingClientRect().width, window.devicePixelRatio, document.visibilityState === 'visible'));
    const observer = new ResizeObserver(tell);
    observer.observe(node);
    document.addEventListener('visibilitychange', tell);
    return () => {
      observer.disconnect();
      document.removeEventListener('visibilitychange', tell);
      latest.current?.(null);
    };
  }, [isReported]);
  return element;
}
