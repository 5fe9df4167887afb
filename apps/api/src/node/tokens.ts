/** What is injected by name: values and interfaces, which have no class to be known by. */
export const CONFIG = Symbol('Config');
export const LOGGER = Symbol('Logger');
export const DATABASE = Symbol('DataSource');
export const NODE = Symbol('NodeContext');
export const STRATEGIES = Symbol('Strategies');
export const CLONES = Symbol('Clones');
