import { useParams } from '@tanstack/react-router';
import { useEffect, useMemo, useRef, useState } from 'react';
import { inWords } from '../../api/errors';
import type { OpenedFile } from '../../model/downloads';
import { claimedKind } from '../../model/fileKinds';
import { sizeInWords, visibleName } from '../../model/fileNames';
import { previewPicture, type FileBody } from '../../model/files';
import { Button, Icon } from '../kit';
import { saveBlob } from '../saveBlob';
import { useModel } from '../useModel';
import './attachments.css';
import { FileDialog } from './FileDialog';
import { Progress } from './Progress';
import { useObjectUrl } from './useObjectUrl';

type Fetching = { there: number; whole: number };

/** Fetches once, opens or saves what came, and forgets it with the component. */
function useFile(attId: string, file: FileBody) {
  const { threads } = useModel();
  const { threadId = '' }: { threadId?: string } = useParams({ strict: false });
  const [fetching, setFetching] = useState<Fetching | null>(null);
  const [trouble, setTrouble] = useState('');
  const [opened, setOpened] = useState<OpenedFile | null>(null);
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);
  const fetched = async (): Promise<OpenedFile | null> => {
    if (opened) return opened;
    const controller = new AbortController();
    stop.current = controller;
    setTrouble('');
    setFetching({ there: 0, whole: 0 });
    try {
      const found = await threads.fetchFile(threadId, attId, file, (there, whole) => setFetching({ there, whole }), controller.signal);
      setOpened(found);
      return found;
    } catch (error) {
      if (!controller.signal.aborted) setTrouble(inWords(error));
      return null;
    } finally {
      setFetching(null);
    }
  };
  return { fetching, trouble, opened, fetched, cancel: () => stop.current?.abort() };
}

/** The file of a message: what it was said to be, its preview, and once it was fetched what it is. */
export function FileView({ attId, file, isSent }: { attId: string; file: FileBody; isSent: boolean }) {
  const { fetching, trouble, opened, fetched, cancel } = useFile(attId, file);
  const [isShown, setShown] = useState(false);
  const picture = useMemo(() => (file.preview ? previewPicture(file.preview) : null), [file.preview]);
  const address = useObjectUrl(picture);
  const kind = opened?.kind ?? claimedKind(file.type);
  const name = visibleName(file.name);
  const open = async () => {
    const found = await fetched();
    if (found) setShown(true);
  };
  const save = async () => {
    const found = await fetched();
    if (found) saveBlob(found.saveAs, found.content);
  };
  return (
    <div className="file" role="group" aria-label={`File ${name}`}>
      {address && file.preview ? <img className="file-preview" src={address} width={file.preview.width} height={file.preview.height} alt={`Preview of ${name}`} /> : null}
      <div className="file-row">
        <span className="file-icon">
          <Icon name={kind.shown === 'image' ? 'image' : 'file'} size={22} />
        </span>
        <div className="file-words">
          <bdi className="strong file-name">{name}</bdi>
          <span className="small muted">
            {kind.words} · {sizeInWords(file.size)}
          </span>
        </div>
      </div>
      {opened && (opened.lies || opened.kind.mayRun) ? (
        <p className="file-warning small">
          <Icon name="alert" size={16} />
          <span>
            {opened.lies ? 'This file is not what its name says. ' : ''}It is a {opened.kind.words}.{opened.kind.mayRun ? ' It may do harm when it is run, so it is saved under a name that nothing runs.' : ''}
          </span>
        </p>
      ) : null}
      {fetching ? (
        <div className="file-row">
          <Progress label="Fetching" there={fetching.there} whole={fetching.whole} />
          <Button size="sm" look="quiet" onPress={cancel}>
            Cancel
          </Button>
        </div>
      ) : isSent ? (
        <div className="file-actions">
          {kind.shown === 'none' ? null : (
            <Button size="sm" look="secondary" icon="eye" onPress={() => void open()} aria-label={`Open ${name}`}>
              Open
            </Button>
          )}
          <Button size="sm" look="secondary" icon="save" onPress={() => void save()} aria-label={`Save ${name}`}>
            Save
          </Button>
        </div>
      ) : null}
      <p className="file-trouble small" role="status">
        {trouble}
      </p>
      {opened && isShown ? <FileDialog name={name} opened={opened} onClose={() => setShown(false)} onSave={() => saveBlob(opened.saveAs, opened.content)} /> : null}
    </div>
  );
}
