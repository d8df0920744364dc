import { useEffect, useState } from 'react';
import { kindOf, TELLING_BYTES, UNKNOWN, type FileKind } from '../../model/fileKinds';
import { sizeInWords, visibleName } from '../../model/fileNames';
import { Button, Dialog, Icon, TextField } from '../kit';
import { useModel } from '../useModel';
import { useObjectUrl } from './useObjectUrl';

type Chosen = { threadId: string; readers: string; files: readonly File[]; onClose: () => void };

/** What was chosen, pasted or dropped, before it leaves: a wrong file cannot be unseen. */
export function SendFilesDialog({ threadId, readers, files, onClose }: Chosen) {
  const { threads } = useModel();
  const [text, setText] = useState('');
  const send = () => {
    files.forEach((file, index) => void threads.uploads.add(threadId, file, index === 0 ? text.trim() : ''));
    onClose();
  };
  return (
    <Dialog
      title={files.length === 1 ? 'Send this file?' : `Send these ${files.length} files?`}
      isOpen
      onClose={onClose}
      size="sm"
      footer={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button look="primary" icon="send" onPress={send}>
            Send
          </Button>
        </>
      }
    >
      <div className="stack">
        <ul className="chosen-files" aria-label="Chosen files">
          {files.map((file, index) => (
            <li key={`${index}-${file.name}`}>
              <ChosenFile file={file} />
            </li>
          ))}
        </ul>
        <TextField label="Words to go with it" value={text} onChange={setText} maxLength={2000} />
        <p className="small muted">{readers} It is sealed on this device first. A photo may carry the place and time at which it was taken.</p>
      </div>
    </Dialog>
  );
}

function ChosenFile({ file }: { file: File }) {
  const [kind, setKind] = useState<FileKind>(UNKNOWN);
  useEffect(() => {
    let isThere = true;
    const look = async () => {
      const first = new Uint8Array(await file.slice(0, TELLING_BYTES).arrayBuffer());
      if (isThere) setKind(kindOf(first));
    };
    void look();
    return () => {
      isThere = false;
    };
  }, [file]);
  const address = useObjectUrl(kind.shown === 'image' ? file : null);
  return (
    <div className="file-row">
      {address ? (
        <img className="chosen-picture" src={address} alt="" />
      ) : (
        <span className="file-icon">
          <Icon name="file" size={22} />
        </span>
      )}
      <div className="file-words">
        <bdi className="strong file-name">{visibleName(file.name)}</bdi>
        <span className="small muted">
          {kind.words} · {sizeInWords(file.size)}
        </span>
      </div>
    </div>
  );
}
