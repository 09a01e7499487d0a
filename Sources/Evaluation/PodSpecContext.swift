// What a pod spec says beside hostNetwork: containers, ports, and what makes the attachment worse.

internal import JSONDocument

/// The parts of a pod spec that a person or a risk factor wants to know about an attachment.
struct PodSpecContext {
  private(set) var containers: [HostNetworkAttachment.Container] = []
  private(set) var hostPorts: [String] = []
  private(set) var aggravations: [HostNetworkAttachment.Aggravation] = []

  /// Reads a pod spec; whatever is missing or of another type is left out.
  init(_ podSpec: borrowing JSONValue) {
    read(podSpec.member("containers"))
    read(podSpec.member("initContainers"))
    read(podSpec.member("ephemeralContainers"))
    if podSpec.isTrue("hostPID") { add(.hostPID) }
    if podSpec.isTrue("hostIPC") { add(.hostIPC) }
    aggravations.sort { $0.rawValue < $1.rawValue }
  }

  private mutating func read(_ list: consuming JSONValue?) {
    guard let list else { return }
    var elements = list.elements
    while let container = elements.next() {
      guard container.isObject else { continue }
      containers.append(
        HostNetworkAttachment.Container(name: container.string("name") ?? "", image: container.string("image") ?? "")
      )
      readPorts(container)
      readSecurityContext(container)
    }
  }

  /// With hostNetwork every containerPort is a port of the node; the API server writes hostPort into Pods only.
  private mutating func readPorts(_ container: borrowing JSONValue) {
    guard let ports = container.member("ports") else { return }
    var elements = ports.elements
    while let port = elements.next() {
      guard let number = port.member("containerPort")?.integer else { continue }
      let text = "\(number)/\(port.string("protocol") ?? "TCP")"
      if !hostPorts.contains(text), hostPorts.count < EvaluationLimits.hostPortsMax { hostPorts.append(text) }
    }
  }

  private mutating func readSecurityContext(_ container: borrowing JSONValue) {
    guard let context = container.object("securityContext") else { return }
    if context.isTrue("privileged") { add(.privileged) }
    guard let added = context.object("capabilities")?.member("add") else { return }
    var elements = added.elements
    while let capability = elements.next() {
      switch capability.string?.uppercased() {
      case "NET_ADMIN", "CAP_NET_ADMIN": add(.netAdmin)
      case "NET_RAW", "CAP_NET_RAW": add(.netRaw)
      case "ALL", "CAP_ALL":
        add(.netAdmin)
        add(.netRaw)
      default: continue
      }
    }
  }

  private mutating func add(_ aggravation: HostNetworkAttachment.Aggravation) {
    if !aggravations.contains(aggravation) { aggravations.append(aggravation) }
  }
}
