// One place in an object that puts a pod on the node's network.

package import JSONDocument

/// One place in an object that puts a pod on the node's network.
package struct HostNetworkAttachment: Sendable, Equatable {
  /// How sure it is that the place makes such a pod.
  package enum Certainty: String, Sendable, CaseIterable {
    /// A pod spec: containers beside `hostNetwork: true`.
    case certain
    /// A field of that name without containers beside it; what it does is the custom resource's affair.
    case possible
  }

  /// A container of the attached pod.
  package struct Container: Sendable, Equatable {
    package var name: String
    package var image: String

    /// Creates a container from its name and image.
    package init(name: String, image: String) {
      self.name = name
      self.image = image
    }
  }

  /// Context that makes an attachment worse, by the names of the pod's own fields.
  package enum Aggravation: String, Sendable, CaseIterable {
    case netAdmin = "NET_ADMIN"
    case netRaw = "NET_RAW"
    case privileged
    case hostPID
    case hostIPC
  }

  package var certainty: Certainty
  /// RFC 6901 JSON Pointer of the `hostNetwork` key in the object.
  package var pointer: String
  /// The same place for people, as in `spec.template.spec.hostNetwork`.
  package var field: String
  /// Ordinary, init and ephemeral containers of the pod.
  package var containers: [Container]
  /// What the pod's containers listen on, which are ports of the node here, as in `9100/TCP`.
  package var hostPorts: [String]
  package var aggravations: [Aggravation]
}

extension HostNetworkAttachment {
  /// Writes the members of a risk event or finding that describe the attachment.
  package func writeFields(to writer: inout JSONWriter) {
    writer.field("pointer", pointer)
    writer.field("field", field)
    writer.field("certainty", certainty.rawValue)
    writer.key("containers")
    writer.beginArray()
    for container in containers {
      writer.beginObject()
      writer.field("name", container.name)
      writer.field("image", container.image)
      writer.endObject()
    }
    writer.endArray()
    writer.field("hostPorts", hostPorts)
    writer.field("aggravations", aggravations.map(\.rawValue))
  }

  /// Reads back what `writeFields` wrote; nil when a member is missing.
  package init?(json: borrowing JSONValue) {
    guard let pointer = json.string("pointer"), let field = json.string("field"),
      let certainty = json.string("certainty").flatMap(Certainty.init(rawValue:))
    else { return nil }
    self.pointer = pointer
    self.field = field
    self.certainty = certainty
    containers = []
    if let list = json.member("containers") {
      var elements = list.elements
      while let element = elements.next() {
        containers.append(Container(name: element.string("name") ?? "", image: element.string("image") ?? ""))
      }
    }
    hostPorts = json.strings("hostPorts")
    aggravations = json.strings("aggravations").compactMap(Aggravation.init(rawValue:))
  }
}
