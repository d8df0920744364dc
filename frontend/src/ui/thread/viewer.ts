import { createContext, useContext } from 'react';

/** Who is looking at this thread, and which screening requests still wait. */
export type Viewer = { isPatient: boolean; open: ReadonlySet<string> };

export const ViewerContext = createContext<Viewer>({ isPatient: false, open: new Set() });
export const useViewer = (): Viewer => useContext(ViewerContext);
