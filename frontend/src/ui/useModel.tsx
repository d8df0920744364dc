import { createContext, useContext, useSyncExternalStore } from 'react';
import type { Consilium } from '../model/consilium';
import type { Observable } from '../model/observable';

export const ModelContext = createContext<Consilium | null>(null);

/** The model of this window. */
export function useModel(): Consilium {
  const model = useContext(ModelContext);
  if (!model) throw new Error('No model above this component.');
  return model;
}

/** The present value, and a new render whenever it changes. */
export function useValue<T>(observable: Observable<T>): T {
  return useSyncExternalStore(observable.subscribe, observable.get);
}
