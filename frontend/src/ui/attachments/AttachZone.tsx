import { useEffect, useRef, useState, type ReactNode } from 'react';
import { IconButton } from '../kit';
import './attachments.css';
import { SendFilesDialog } from './SendFilesDialog';
import { UploadTray } from './UploadTray';

const MOST_AT_ONCE = 10;

type ZoneProps = {
  threadId: string;
  canAttach: boolean;
  readers: string;
  /** The composer; it is given the button that chooses files. */
  children: (button: ReactNode) => ReactNode;
};

/** Where one writes, as a place for files too: chosen, pasted or dropped, each is asked about before it is sent. */
export function AttachZone({ threadId, canAttach, readers, children }: ZoneProps) {
  const input = useRef<HTMLInputElement>(null);
  const [files, setFiles] = useState<readonly File[]>([]);
  const [isOver, setOver] = useState(false);
  const take = (list: FileList | null | undefined) => {
    const found = [...(list ?? [])].slice(0, MOST_AT_ONCE);
    if (found.length) setFiles(found);
    return found.length > 0;
  };
  const zone = useDropped(canAttach, setOver, take);
  const button = canAttach ? (
    <>
      <IconButton icon="attach" label="Add a file" onPress={() => input.current?.click()} />
      <input
        ref={input}
        className="visually-hidden"
        type="file"
        multiple
        tabIndex={-1}
        aria-label="Choose files"
        onChange={(event) => {
          take(event.target.files);
          // Else choosing the same file again would be no change.
          event.target.value = '';
        }}
      />
    </>
  ) : null;
  return (
    <div ref={zone} className={`attach-zone${isOver ? ' attach-zone-over' : ''}`}>
      <UploadTray threadId={threadId} />
      {children(button)}
      {files.length ? <SendFilesDialog threadId={threadId} readers={readers} files={files} onClose={() => setFiles([])} /> : null}
    </div>
  );
}

/** Files that are dropped on or pasted into what the returned ref names; words are pasted and dragged as ever. */
function useDropped(isOpen: boolean, over: (isOver: boolean) => void, take: (list: FileList | null | undefined) => boolean) {
  const zone = useRef<HTMLDivElement>(null);
  const latest = useRef({ over, take });
  latest.current = { over, take };
  useEffect(() => {
    const node = zone.current;
    if (!node || !isOpen) return;
    const onDrag = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      latest.current.over(event.type !== 'dragleave' && event.type !== 'drop');
      if (event.type === 'drop') latest.current.take(event.dataTransfer.files);
    };
    const onPaste = (event: ClipboardEvent) => {
      if (latest.current.take(event.clipboardData?.files)) event.preventDefault();
    };
    const drags = ['dragenter', 'dragover', 'dragleave', 'drop'] as const;
    for (const name of drags) node.addEventListener(name, onDrag);
    node.addEventListener('paste', onPaste);
    return () => {
      for (const name of drags) node.removeEventListener(name, onDrag);
      node.removeEventListener('paste', onPaste);
    };
  }, [isOpen]);
  return zone;
}
