// swift-tools-version:6.2
// Hostfence: one evaluator, three doors. Targets are listed from the rim inwards' dependencies first:
// C wrappers, the pure middle, what the doors share, the doors, the executable, the tests.
import PackageDescription

/// Settings of the tests, which may call C and Foundation freely: they are not shipped.
let strictTests: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .enableExperimentalFeature("Lifetimes"),
  .treatAllWarnings(as: .error),
]

/// Set by Fuzzing/run.sh: the parsers are then built with coverage counters, and the fuzzer beside them.
let isFuzzing = Context.environment["FUZZ"] != nil

/// Settings of what is shipped: the same, and unsafe code is spelled out.
let strict: [SwiftSetting] =
  strictTests + [.strictMemorySafety()] + (isFuzzing ? [.unsafeFlags(["-sanitize=fuzzer"])] : [])

let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioTLS: Target.Dependency = .product(name: "NIOTLS", package: "swift-nio")
let nioEmbedded: Target.Dependency = .product(name: "NIOEmbedded", package: "swift-nio")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
  name: "hostfence",
  dependencies: [
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: [
    // C libraries of the system, each behind the headers its Swift owner needs.
    .target(name: "CSimdJSON", linkerSettings: [.linkedLibrary("simdjson")]),
    .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
    .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(name: "CISAL", pkgConfig: "libisal", providers: [.apt(["libisal-dev"])]),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
    // Our own: the inner loop of the log scanner, and libpq, loaded when it is needed.
    .target(name: "CLineScan"),
    .target(name: "CPostgreSQL"),

    // The pure middle: no Foundation, no I/O.
    .target(name: "JSONDocument", dependencies: ["CSimdJSON"], swiftSettings: strict),
    .target(name: "Evaluation", dependencies: ["JSONDocument"], swiftSettings: strict),

    // What the doors share.
    .target(name: "Digest", dependencies: ["COpenSSL"], swiftSettings: strict),
    .target(name: "TLS", dependencies: ["COpenSSL", "Threads", nioCore, nioTLS], swiftSettings: strict),
    .target(name: "Threads", swiftSettings: strict),
    .target(name: "Compression", dependencies: ["CISAL", "CZstd"], swiftSettings: strict),
    .target(
      name: "RiskLedger",
      dependencies: ["CPostgreSQL", "CSQLite", "Digest", "Evaluation", "JSONDocument", "Threads"],
      swiftSettings: strict
    ),

    // The doors.
    .target(name: "Manifests", dependencies: ["CYAML", "Evaluation", "JSONDocument"], swiftSettings: strict),
    .target(
      name: "PolicyFile",
      dependencies: ["Digest", "Evaluation", "JSONDocument", "Manifests"],
      swiftSettings: strict
    ),
    .target(
      name: "AuditLog",
      dependencies: ["CLineScan", "Compression", "Evaluation", "JSONDocument", "Threads"],
      swiftSettings: strict
    ),
    .target(
      name: "AdmissionServer",
      dependencies: [
        "Evaluation", "JSONDocument", "RiskLedger", "TLS", "Threads", nioCore, nioPosix, nioHTTP1, nioTLS, logging,
        lifecycle,
      ],
      swiftSettings: strict
    ),
    .target(
      name: "Reports",
      dependencies: ["AuditLog", "Digest", "Evaluation", "JSONDocument", "Manifests", "PolicyFile", "RiskLedger"],
      swiftSettings: strict
    ),
    .target(name: "AttackData", dependencies: ["Manifests"], swiftSettings: strict),
    .target(
      name: "EventCollector",
      dependencies: [
        "Compression", "Digest", "Evaluation", "JSONDocument", "RiskLedger", "TLS", "Threads", nioCore, nioPosix,
        nioHTTP1, nioTLS,
      ],
      swiftSettings: strict
    ),
    .executableTarget(
      name: "hostfence",
      dependencies: [
        "AdmissionServer", "AttackData", "AuditLog", "EventCollector", "Evaluation", "JSONDocument", "Manifests",
        "PolicyFile", "Reports", "RiskLedger", "TLS", "Threads", argumentParser, logging, lifecycle, nioCore,
        unixSignals,
      ],
      swiftSettings: strict
    ),

    // One test target per source target, then the tests that hold the whole together.
    .target(
      name: "TestSupport",
      dependencies: ["Evaluation", "JSONDocument"],
      path: "Tests/TestSupport",
      swiftSettings: strictTests
    ),
    .testTarget(name: "JSONDocumentTests", dependencies: ["JSONDocument", "TestSupport"], swiftSettings: strictTests),
    .testTarget(name: "EvaluationTests", dependencies: ["Evaluation", "TestSupport"], swiftSettings: strictTests),
    .testTarget(
      name: "ManifestsTests",
      dependencies: ["JSONDocument", "Manifests", "TestSupport"],
      swiftSettings: strictTests
    ),
    .testTarget(
      name: "TLSTests",
      dependencies: ["COpenSSL", "TLS", "TestSupport", "Threads", nioCore, nioPosix, nioEmbedded, nioTLS],
      swiftSettings: strictTests
    ),
    .testTarget(
      name: "RiskLedgerTests",
      dependencies: ["CSQLite", "Evaluation", "JSONDocument", "RiskLedger", "TLS", "TestSupport", "Threads"],
      swiftSettings: strictTests
    ),
    .testTarget(name: "AttackDataTests", dependencies: ["AttackData", "Manifests"], swiftSettings: strictTests),
    .testTarget(
      name: "EventCollectorTests",
      dependencies: [
        "Compression", "EventCollector", "Evaluation", "JSONDocument", "RiskLedger", "TLS", "TestSupport", "Threads",
      ],
      swiftSettings: strictTests
    ),
    .testTarget(
      name: "EndToEndTests",
      dependencies: ["TLS", "TestSupport", "Threads", "hostfence", nioCore, nioPosix, nioHTTP1],
      swiftSettings: strictTests
    ),
    .testTarget(
      name: "AdmissionServerTests",
      dependencies: [
        "AdmissionServer", "Evaluation", "JSONDocument", "RiskLedger", "TLS", "TestSupport", "Threads", nioCore,
        nioEmbedded, nioHTTP1, nioPosix, logging, lifecycle,
      ],
      swiftSettings: strictTests
    ),
    .testTarget(
      name: "ReportsTests",
      dependencies: ["AuditLog", "Evaluation", "Manifests", "Reports", "RiskLedger", "TestSupport"],
      swiftSettings: strictTests
    ),
    .testTarget(
      name: "PolicyFileTests",
      dependencies: ["Evaluation", "JSONDocument", "Manifests", "PolicyFile", "TestSupport", "Threads"],
      swiftSettings: strictTests
    ),
    .testTarget(name: "CompressionTests", dependencies: ["Compression", "TestSupport"], swiftSettings: strictTests),
    .testTarget(
      name: "AuditLogTests",
      dependencies: [
        "AuditLog", "CLineScan", "Compression", "Evaluation", "JSONDocument", "PolicyFile", "TestSupport",
      ],
      swiftSettings: strictTests
    ),
    .testTarget(
      name: "ConformanceTests",
      dependencies: ["AuditLog", "Evaluation", "JSONDocument", "Manifests", "PolicyFile", "TestSupport"],
      swiftSettings: strictTests
    ),
    .testTarget(name: "StructureTests", dependencies: ["TestSupport"], swiftSettings: strictTests),
  ],
  cxxLanguageStandard: .cxx17
)

if isFuzzing {
  package.targets += [
    .target(name: "CFuzzer", path: "Fuzzing/CFuzzer"),
    .executableTarget(
      name: "fuzzer",
      dependencies: ["AuditLog", "CFuzzer", "Evaluation", "JSONDocument", "Manifests", "PolicyFile"],
      path: "Fuzzing/Fuzzer",
      swiftSettings: strictTests
    ),
  ]
}
