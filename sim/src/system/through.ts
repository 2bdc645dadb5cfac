import type { ExecutionStore, ExecutionUnit } from '@switchyard/execution-service';

/** The executor's store with every transaction's unit seen through `wrap`. */
export const throughUnits = (store: ExecutionStore, wrap: (unit: ExecutionUnit) => ExecutionUnit): ExecutionStore =>
  changed(store, { transaction: (work) => store.transaction((unit) => work(wrap(unit))) });

/** The same object with some of its methods replaced; the others stay its own. */
export const changed = <T extends object>(of: T, methods: Partial<T>): T =>
  new Proxy(of, {
    get: (target, name): unknown => {
      if (Object.hasOwn(methods, name)) return methods[name as keyof T];
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value as (...args: unknown[]) => unknown).bind(target) : value;
    },
  });
