/** Camera, microphone and screen of this device; what is taken here is given back by `stop`. */

export type DeviceTrouble = 'refused' | 'missing' | 'busy' | 'unsupported' | 'unknown';

export function deviceTrouble(error: unknown): DeviceTrouble {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'NotAllowedError') return 'refused';
  if (name === 'NotFoundError' || name === 'OverconstrainedError') return 'missing';
  if (name === 'NotReadableError' || name === 'AbortError') return 'busy';
  return error instanceof TypeError ? 'unsupported' : 'unknown';
}

export const TROUBLE_WORDS: Record<DeviceTrouble, string> = {
  refused: 'The browser was told not to use it. Allow it beside the address bar, then try again.',
  missing: 'None was found on this device.',
  busy: 'Another app is using it. Close that app, then try again.',
  unsupported: 'This browser cannot do it. Please use a current one.',
  unknown: 'It could not be started. Please try again.',
};

export async function takeCamera(deviceId?: string): Promise<MediaStreamTrack> {
  const stream = await navigator.mediaDevices.getUserMedia({
    video: { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 24, max: 30 }, ...(deviceId ? { deviceId: { exact: deviceId } } : {}) },
  });
  return first(stream);
}

export async function takeMicrophone(deviceId?: string): Promise<MediaStreamTrack> {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true, ...(deviceId ? { deviceId: { exact: deviceId } } : {}) },
  });
  return first(stream);
}

export async function takeScreen(): Promise<MediaStreamTrack> {
  return first(await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { max: 15 } }, audio: false }));
}

function first(stream: MediaStream): MediaStreamTrack {
  const track = stream.getTracks()[0];
  if (!track) throw new DOMException('no track', 'NotFoundError');
  return track;
}

export async function listDevices(kind: 'audioinput' | 'videoinput'): Promise<{ id: string; name: string }[]> {
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices.filter((device) => device.kind === kind && device.deviceId).map((device, index) => ({ id: device.deviceId, name: device.label || `${kind === 'audioinput' ? 'Microphone' : 'Camera'} ${index + 1}` }));
}
