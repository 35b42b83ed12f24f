/** Whether a switch in the environment is on. */
export const isSet = (value: string | undefined): boolean => value !== undefined && !['', '0', 'false'].includes(value);
