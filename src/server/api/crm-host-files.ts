/** What the administrator of a CRM is given so that our softphone appears there. */
import type { CrmHost, HostFile } from '../../protocol/crm-hosts.ts';
import type { Definition } from '../../protocol/opencti.ts';
import { writeDefinition } from '../callcenter/definition-xml.ts';

/** Pixels. The softphone's columns fit, and Salesforce's utility bar shows it whole on a small laptop. */
const SIZE = { width: 360, height: 580 };
/** The name by which the Apex class is asked for a signed context (docs/salesforce.md). */
const APEX_CLASS = 'CrosspointSignIn';

/** @param ours origin of our pages as the administrator reaches them: agents must, too. */
export function hostFiles(host: CrmHost, ours: string): HostFile[] {
  switch (host.kind) {
    case 'salesforce':
      return [
        { fileName: 'Crosspoint.xml', text: writeDefinition(callCenterOf(host, ours)) },
        ...(host.signInKey === 'secret' ? [{ fileName: `${APEX_CLASS}.cls`, text: apexOf(host) }] : []),
      ];
    case 'hubspot':
      return [{ fileName: 'crosspoint-calling-settings.json', text: hubSpotSettings(host, ours) }];
    case 'dynamics':
      return [{ fileName: 'crosspoint-channel-provider.json', text: channelProvider(host, ours) }];
    case 'other':
      return [];
  }
}

/** Address of the softphone within this CRM. */
export function softphoneUrl({ kind }: Pick<CrmHost, 'kind'>, ours: string): string {
  return `${ours}/softphone?host=${kind}`;
}

function callCenterOf(host: CrmHost, ours: string): Definition {
  const items: [name: string, label: string, value: string][] = [
    ['reqInternalName', 'Internal Name', 'Crosspoint'],
    ['reqDisplayName', 'Display Name', host.label],
    ['reqAdapterUrl', 'CTI Adapter URL', softphoneUrl(host, ours)],
    ['reqUseApi', 'Use CTI API', 'true'],
    ['reqSoftphoneHeight', 'Softphone Height', String(SIZE.height)],
    ['reqSoftphoneWidth', 'Softphone Width', String(SIZE.width)],
    ['reqSalesforceCompatibilityMode', 'Salesforce Compatibility Mode', 'Classic_and_Lightning'],
  ];
  return {
    sections: [
      {
        name: 'reqGeneralInfo',
        label: 'General Information',
        items: items.map(([name, label, value]) => ({ name, label, value })),
      },
    ],
  } as Definition;
}

/** Body of `POST /crm/v3/extensions/calling/{appId}/settings` of HubSpot's API. */
function hubSpotSettings(host: CrmHost, ours: string): string {
  return json({
    name: host.label,
    url: softphoneUrl(host, ours),
    ...SIZE,
    isReady: true,
    supportsCustomObjects: true,
    supportsInboundCalling: true,
    usesRemote: false,
    usesCallingWindow: false,
  });
}

/** The fields of a channel provider in the form of the Channel Integration Framework 2.0. */
function channelProvider(host: CrmHost, ours: string): string {
  return json({
    name: 'Crosspoint',
    label: host.label,
    channelUrl: softphoneUrl(host, ours),
    enableOutboundCommunication: 'Yes',
    channelOrder: 0,
    apiVersion: '2.0',
    trustedDomain: ours,
    customParameters: '',
  });
}

/** The class holds the secret's place only: the secret itself is in the form that the administrator fills in. */
function apexOf(host: CrmHost): string {
  return `/** Says to Crosspoint who the user is: a JSON Web Token of one minute, signed with the secret that both know. */
global with sharing class ${APEX_CLASS} {
    // The same secret as in Crosspoint's Setup. Better kept in a protected custom setting or custom metadata type.
    private static final String SECRET = 'PUT THE SECRET HERE';
    private static final String AUDIENCE = '${host.id}';

    webservice static String token() {
        Long now = DateTime.now().getTime() / 1000;
        String head = part(new Map<String, Object>{ 'alg' => 'HS256', 'typ' => 'JWT' });
        String claims = part(new Map<String, Object>{
            'aud' => AUDIENCE,
            'sub' => UserInfo.getUserId(),
            'email' => UserInfo.getUserEmail(),
            'preferred_username' => UserInfo.getUserName(),
            'iat' => now,
            'exp' => now + 60,
            'jti' => EncodingUtil.convertToHex(Crypto.generateAesKey(128))
        });
        Blob signature = Crypto.generateMac('HmacSHA256', Blob.valueOf(head + '.' + claims), Blob.valueOf(SECRET));
        return head + '.' + claims + '.' + url(signature);
    }

    private static String part(Map<String, Object> value) {
        return url(Blob.valueOf(JSON.serialize(value)));
    }

    private static String url(Blob value) {
        return EncodingUtil.base64Encode(value).replace('+', '-').replace('/', '_').replace('=', '');
    }
}
`;
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
