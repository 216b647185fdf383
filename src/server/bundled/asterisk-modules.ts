/**
 * The modules that the private Asterisk loads, and no others: less to attack, half a second to start.
 * Not among them, because what they take from a phone goes past us: res_pjsip_messaging (a SIP MESSAGE becomes a call without
 * an end in the dialplan). res_pjsip_refer moves calls between channels by itself, unless a channel has
 * PJSIP_TRANSFER_HANDLING()=ari-only: the dialplan and the connector set that on every channel before it can talk.
 * chan_pjsip needs res_pjsip_pubsub, chan_rtp needs res_rtp_multicast; app_mixmonitor needs app_chanspy, func_cut,
 * func_groupcount and func_uri.
 */
const FAMILIES: Record<string, string> = {
  app: 'amd chanspy mixmonitor playback playtones read record senddtmf stack stasis stasis_broadcast transfer waitforsilence',
  bridge: 'builtin_features builtin_interval_features holding native_rtp simple softmix',
  chan: 'audiosocket bridge_media pjsip rtp websocket',
  codec: 'a_mu alaw g722 gsm opus_open_source resample ulaw',
  format: 'gsm ogg_opus_open_source pcm sln wav wav_gsm',
  func:
    'callerid channel cut devstate global groupcount hangupcause holdintercept jitterbuffer logic math md5 ' +
    'pjsip_aor pjsip_contact pjsip_endpoint sorcery strings talkdetect timeout uri uuid volume',
  pbx: 'config',
  res:
    'ari ari_applications ari_asterisk ari_bridges ari_channels ari_device_states ari_endpoints ari_events ari_model ' +
    'ari_playbacks ari_recordings ari_sounds audiosocket crypto format_attr_opus http_websocket musiconhold mutestream ' +
    'pjproject pjsip pjsip_acl pjsip_authenticator_digest pjsip_caller_id pjsip_diversion pjsip_dlg_options ' +
    'pjsip_dtmf_info pjsip_empty_info pjsip_endpoint_identifier_anonymous pjsip_endpoint_identifier_ip ' +
    'pjsip_endpoint_identifier_user pjsip_header_funcs pjsip_logger pjsip_maintenance ' +
    'pjsip_nat pjsip_notify pjsip_outbound_authenticator_digest pjsip_outbound_registration pjsip_path pjsip_pubsub ' +
    'pjsip_refer pjsip_registrar pjsip_rfc3326 pjsip_sdp_rtp pjsip_session pjsip_sips_contact pjsip_transport_websocket ' +
    'rtp_asterisk rtp_multicast security_log sorcery_astdb sorcery_config sorcery_memory srtp stasis stasis_answer ' +
    'stasis_broadcast stasis_device_state stasis_playback stasis_recording stasis_snoop timing_timerfd websocket_client',
};

/** File names such as `app_amd.so`, in the order in which they are listed for loading. */
export const ASTERISK_MODULES: readonly string[] = Object.entries(FAMILIES).flatMap(([family, names]) =>
  names.split(' ').map((name) => `${family}_${name}.so`),
);
