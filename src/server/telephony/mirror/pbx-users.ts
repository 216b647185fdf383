/** Our user behind a device of a PBX. */
export interface PbxUser {
  userId: string;
  deviceId: string;
  name: string;
  extension: string | null;
}

/** Which of our users has which device of the PBX: what an administrator sets. */
export interface PbxUsers {
  /** Of a device such as `PJSIP/201`. */
  byDevice(device: string): PbxUser | undefined;
  byId(userId: string): (PbxUser & { device: string }) | undefined;
  byExtension(extension: string): PbxUser | undefined;
}

/** Those of `users` who have an extension, asked anew each time. */
export function pbxUsers(users: () => readonly PbxUser[], deviceOf: (extension: string) => string): PbxUsers {
  const all = () =>
    users().flatMap((user) =>
      user.extension === null ? [] : [{ ...user, device: deviceOf(user.extension) }],
    );
  return {
    byDevice: (device) => all().find((user) => user.device === device),
    byId: (userId) => all().find((user) => user.userId === userId),
    byExtension: (extension) => all().find((user) => user.extension === extension),
  };
}
