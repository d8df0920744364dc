/** Line icons on a 24 grid, drawn for this product; always decorative: the name stands beside them in text. */
const PATHS = {
  alert: 'M12 8v5m0 3.2v.1M10.3 4.3 3 17.2A2 2 0 0 0 4.7 20h14.6a2 2 0 0 0 1.7-2.8L13.7 4.3a2 2 0 0 0-3.4 0Z',
  arrowLeft: 'M19 12H5m6-6-6 6 6 6',
  arrowRight: 'M5 12h14m-6-6 6 6-6 6',
  attach: 'm20 11-8.2 8.2a5 5 0 0 1-7.1-7.1l8.5-8.5a3.3 3.3 0 0 1 4.7 4.7l-8.5 8.5a1.7 1.7 0 0 1-2.4-2.4l7.8-7.8',
  calendar: 'M8 3v4m8-4v4M4 10h16M6 5h12a2 2 0 0 1 2 2v11a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2Z',
  camera: 'M15 8.5A2.5 2.5 0 0 0 12.5 6h-7A2.5 2.5 0 0 0 3 8.500v7A2.5 2.5 0 0 0 5.5 18h7a2.5 2.5 0 0 0 2.5-2.500v-7Zm0 2 6-3.500v10l-6-3.5',
  cameraOff: 'm3 3 18 18M15 11V8.500A2.5 2.5 0 0 0 12.5 6H10M6 6h-.500A2.5 2.5 0 0 0 3 8.500v7A2.5 2.5 0 0 0 5.5 18h7a2.5 2.5 0 0 0 2.3-1.500M15 10.5 21 7v10l-3-1.7',
  chart: 'M4 4v14a2 2 0 0 0 2 2h14M8 15l3.5-4 3 2.500L20 7',
  check: 'm5 12.5 4.5 4.500L19 7.5',
  checks: 'm2.5 12.8 4 4 8-8.600m-3.4 7.1 1.5 1.5 8.4-8.6',
  chevronDown: 'm6 9 6 6 6-6',
  chevronRight: 'm9 6 6 6-6 6',
  clipboard: 'M9 5h6m-6 0a2 2 0 0 0-2-1H6a2 2 0 0 0-2 2v13a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2V6a2 2 0 0 0-2-2h-1a2 2 0 0 0-2 1M9 5a2 2 0 0 1 2-2h2a2 2 0 0 1 2 2M8 12h8m-8 4h5',
  clock: 'M12 7.500V12l3 2m6-2a9 9 0 1 1-18 0 9 9 0 0 1 18 0Z',
  close: 'M6 6l12 12M18 6 6 18',
  device: 'M9 18h6M7 3h10a1.5 1.5 0 0 1 1.5 1.500v15A1.5 1.5 0 0 1 17 21H7a1.5 1.5 0 0 1-1.5-1.500v-15A1.5 1.5 0 0 1 7 3Z',
  eye: 'M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12Zm12.5 0a3 3 0 1 1-6 0 3 3 0 0 1 6 0Z',
  hand: 'M18 11V6.500a1.5 1.5 0 0 0-3 0V11m0-1V4.500a1.5 1.5 0 0 0-3 0V10m0-.500v-4a1.5 1.5 0 0 0-3 0V13m0-3a1.5 1.5 0 0 0-3 0v4a7 7 0 0 0 7 7h.500a6.5 6.5 0 0 0 6.5-6.500V10a1.5 1.5 0 0 0-3 0v1',
  home: 'm3.5 11 8.5-7.5 8.5 7.500M6 9v9.500A1.5 1.5 0 0 0 7.5 20h9a1.5 1.5 0 0 0 1.5-1.500V9M10 20v-5h4v5',
  key: 'M14.5 4a5.5 5.5 0 1 1-4.3 8.900L9 14H7v2H5v2H3v-3l6.3-6.300A5.5 5.5 0 0 1 14.5 4Zm1.5 4.500v.1',
  leave: 'M4.5 15.500c-1-.4-2-1.2-2-2.600C2.5 9 7.5 7.5 12 7.500s9.5 1.5 9.5 5.400c0 1.4-1 2.2-2 2.600l-2.3.500a1.5 1.5 0 0 1-1.8-1.200l-.3-1.700a9.5 9.5 0 0 0-6.2 0l-.3 1.700A1.5 1.5 0 0 1 6.8 16l-2.3-.500Z',
  list: 'M8.5 6H20M8.5 12H20M8.5 18H20M4 6h.010M4 12h.010M4 18h.01',
  lock: 'M7.5 11V8a4.5 4.5 0 0 1 9 0v3M6.5 11h11A1.5 1.5 0 0 1 19 12.500v6a1.5 1.5 0 0 1-1.5 1.500h-11A1.5 1.5 0 0 1 5 18.500v-6A1.5 1.5 0 0 1 6.5 11Z',
  message: 'M20.5 11.500a7.5 7.5 0 0 1-11 6.600L4 20l1.5-4.700a7.5 7.5 0 1 1 15-3.800Z',
  mic: 'M12 3.500a3 3 0 0 1 3 3V11a3 3 0 0 1-6 0V6.500a3 3 0 0 1 3-3Zm-6.5 7a6.5 6.5 0 0 0 13 0M12 17v3.5',
  micOff: 'm3 3 18 18M9 9v2a3 3 0 0 0 4.5 2.600M15 11V6.500a3 3 0 0 0-5.9-.800M5.5 10.500a6.5 6.5 0 0 0 10.3 5.300m2.1-2.600a6.5 6.5 0 0 0 .6-2.700M12 17v3.5',
  moon: 'M20 14.200A8.5 8.5 0 0 1 9.8 4a8.5 8.5 0 1 0 10.2 10.200Z',
  more: 'M5.5 12h.010M12 12h.010M18.5 12h.01',
  pause: 'M9 6v12m6-12v12',
  people: 'M9 11.500a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7Zm-6.5 8a6.5 6.5 0 0 1 13 0m.5-14.700a3.5 3.5 0 0 1 0 6.400m2.5 3a6.5 6.5 0 0 1 3 5.3',
  person: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8Zm-7.5 8a7.5 7.5 0 0 1 15 0',
  personAdd: 'M10 11.500a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7Zm-7 8a7 7 0 0 1 13-3.500M19 8v6m3-3h-6',
  plus: 'M12 5v14M5 12h14',
  refresh: 'M20 5v4.500h-4.500M4 19v-4.500h4.500M5.6 9a7 7 0 0 1 11.8-2.200L20 9.500M4 14.500l2.6 2.700A7 7 0 0 0 18.4 15',
  screen: 'M4 5h16a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1Zm5 15h6m-3-3v3m0-6V8.5m-2.5 2L12 8.2l2.5 2.3',
  search: 'm20 20-4.5-4.500m2-5a7 7 0 1 1-14 0 7 7 0 0 1 14 0Z',
  send: 'M20.5 3.5 10 14m10.5-10.500L14 20.500l-4-6.5-6.5-4 17-6.500Z',
  settings: 'M4 7h9m4 0h3M4 17h3m4 0h9M15 4.500v5M9 14.500v5',
  shield: 'M12 3.5 5 6v5.500c0 4.3 2.9 7.6 7 9 4.1-1.4 7-4.7 7-9V6l-7-2.500Zm-3 8.3 2.2 2.2 4-4.3',
  signOut: 'M10 20H6.500A1.5 1.5 0 0 1 5 18.500v-13A1.5 1.5 0 0 1 6.5 4H10m5 12 4-4-4-4m4 4H10',
  sun: 'M12 3v1.500m0 15V21m9-9h-1.500M4.5 12H3m15.4-6.4-1.1 1.100M6.7 17.300l-1.1 1.100m12.8 0-1.1-1.100M6.7 6.7 5.6 5.600M15.5 12a3.5 3.5 0 1 1-7 0 3.5 3.5 0 0 1 7 0Z',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return (
    <svg
      className="icon"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.75}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}

export function Logo({ size = 28 }: { size?: number }) {
  return (
    <svg className="icon" width={size} height={size} viewBox="0 0 64 64" aria-hidden="true" focusable="false">
      <rect width="64" height="64" rx="16" className="logo-ground" />
      <path d="M45 20.500A18 18 0 1 0 45 43.5" className="logo-arc" fill="none" strokeWidth="5" strokeLinecap="round" />
      <circle cx="33" cy="32" r="5.5" className="logo-dot" />
    </svg>
  );
}
