// Written by tools/kubernetes-fields from Kubernetes' Go types; not edited by hand.
import type { FieldTable } from './field-type.ts';

/** What Kubernetes knows of a pod beside its containers and volumes. */
export const kubernetesPodTables: Readonly<Record<string, FieldTable>> = {
  Affinity: {
    nodeAffinity: 'NodeAffinity',
    podAffinity: 'PodAffinity',
    podAntiAffinity: 'PodAntiAffinity',
  },
  HostAlias: {
    ip: 'text!',
    hostnames: '[text]',
  },
  NodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: 'NodeSelector',
    preferredDuringSchedulingIgnoredDuringExecution: '[PreferredSchedulingTerm]',
  },
  NodeSelector: {
    nodeSelectorTerms: '[NodeSelectorTerm]!',
  },
  NodeSelectorRequirement: {
    key: 'text!',
    operator: 'text!',
    values: '[text]',
  },
  NodeSelectorTerm: {
    matchExpressions: '[NodeSelectorRequirement]',
    matchFields: '[NodeSelectorRequirement]',
  },
  PodAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: '[PodAffinityTerm]',
    preferredDuringSchedulingIgnoredDuringExecution: '[WeightedPodAffinityTerm]',
  },
  PodAffinityTerm: {
    labelSelector: 'LabelSelector',
    namespaces: '[text]',
    topologyKey: 'text!',
    namespaceSelector: 'LabelSelector',
    matchLabelKeys: '[text]',
    mismatchLabelKeys: '[text]',
  },
  PodAntiAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: '[PodAffinityTerm]',
    preferredDuringSchedulingIgnoredDuringExecution: '[WeightedPodAffinityTerm]',
  },
  PodDNSConfig: {
    nameservers: '[text]',
    searches: '[text]',
    options: '[PodDNSConfigOption]',
  },
  PodDNSConfigOption: {
    name: 'text',
    value: 'text',
  },
  PodResourceClaim: {
    name: 'text!',
    resourceClaimName: 'text',
    resourceClaimTemplateName: 'text',
  },
  PodSecurityContext: {
    seLinuxOptions: 'SELinuxOptions',
    windowsOptions: 'WindowsSecurityContextOptions',
    runAsUser: 'integer',
    runAsGroup: 'integer',
    runAsNonRoot: 'boolean',
    supplementalGroups: '[integer]',
    supplementalGroupsPolicy: 'text',
    fsGroup: 'integer',
    sysctls: '[Sysctl]',
    fsGroupChangePolicy: 'text',
    seccompProfile: 'SeccompProfile',
    appArmorProfile: 'AppArmorProfile',
    seLinuxChangePolicy: 'text',
  },
  PreferredSchedulingTerm: {
    weight: 'integer!',
    preference: 'NodeSelectorTerm!',
  },
  Sysctl: {
    name: 'text!',
    value: 'text!',
  },
  Toleration: {
    key: 'text',
    operator: 'text',
    value: 'text',
    effect: 'text',
    tolerationSeconds: 'integer',
  },
  WeightedPodAffinityTerm: {
    weight: 'integer!',
    podAffinityTerm: 'PodAffinityTerm!',
  },
};
