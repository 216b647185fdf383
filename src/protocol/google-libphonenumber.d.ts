/** The part of google-libphonenumber that a test compares our table with; the package brings no types. */
declare module 'google-libphonenumber' {
  const google: {
    ShortNumberInfo: { getInstance(): { isEmergencyNumber(number: string, region: string): boolean } };
    PhoneNumberUtil: { getInstance(): { getSupportedRegions(): string[] } };
  };
  export default google;
}
