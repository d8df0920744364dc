import { Button, Icon } from '../kit';
import { useAct } from '../useAct';
import { useModel, useValue } from '../useModel';

/** Across the whole width, over every page: another version is there, and one button takes it. */
export function VersionNotice() {
  const { version } = useModel();
  const state = useValue(version.state);
  const { isActing, act } = useAct();
  if (state === 'current') return null;
  const isRequired = state === 'required';
  return (
    <div className={isRequired ? 'version-notice version-required' : 'version-notice'} role={isRequired ? 'alert' : 'status'}>
      <Icon name="refresh" size={20} />
      <p>
        <strong>{isRequired ? 'Consilium must be updated to go on.' : 'A newer version of Consilium is ready.'}</strong>{' '}
        {isRequired ? 'Until then nothing is sent; what you wrote waits on this device. ' : ''}
        All its open windows reload together, and what you wrote is kept. A call in another window would end.
      </p>
      <Button look="primary" size="sm" isPending={isActing} onPress={() => void act(() => version.update())}>
        Update now
      </Button>
    </div>
  );
}
