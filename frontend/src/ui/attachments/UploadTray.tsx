import { inWords } from '../../api/errors';
import { visibleName } from '../../model/fileNames';
import type { Upload } from '../../model/uploads';
import { Button, Icon, IconButton } from '../kit';
import { useModel, useValue } from '../useModel';
import { Progress } from './Progress';

const LABELS = { sealing: 'Sealing on this device', sending: 'Sending', waiting: 'Waiting for a connection' } as const;

/** The files of this conversation that are on their way, above the place where one writes. */
export function UploadTray({ threadId }: { threadId: string }) {
  const { threads } = useModel();
  const mine = useValue(threads.uploads.list).filter((one) => one.thread === threadId);
  if (mine.length === 0) return null;
  return (
    <ul className="upload-tray" aria-label="Files on their way">
      {mine.map((one) => (
        <li key={one.id} className="upload">
          <Icon name="file" size={20} />
          <span className="upload-words">
            <bdi className="small strong truncate">{visibleName(one.name)}</bdi>
            {one.state === 'failed' ? <Failure upload={one} /> : <Progress label={LABELS[one.state]} there={one.there} whole={one.whole} />}
          </span>
          {one.state === 'failed' && one.whole > 0 ? (
            <Button size="sm" look="quiet" onPress={() => void threads.uploads.retry(one.id)}>
              Try again
            </Button>
          ) : null}
          <IconButton icon="close" size="sm" label={one.state === 'failed' ? `Remove ${visibleName(one.name)}` : `Cancel ${visibleName(one.name)}`} onPress={() => void threads.uploads.cancel(one.id)} />
        </li>
      ))}
    </ul>
  );
}

function Failure({ upload }: { upload: Upload }) {
  return (
    <span className="tiny file-trouble" role="alert">
      Not sent. {inWords({ code: upload.code })}
    </span>
  );
}
