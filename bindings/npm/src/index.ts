/**
 * Everything, with the modules inside: they are compiled at the first use. A bundler leaves out the module of what is not
 * imported.
 *
 * @packageDocumentation
 */
export { answer, call } from "./operations.js";
export { Program } from "./shop.js";
export * from "./public.js";
