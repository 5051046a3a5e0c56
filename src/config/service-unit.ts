/**
 * From the executable in the working directory to the running service, as root on any Debian. The settings are root's, and
 * the service's user reads them; check-config runs as that user, so it also says when that user may not.
 */
export const INSTALL_COMMANDS: readonly string[] = [
  "install -m 755 nway-wx /usr/local/bin/nway-wx",
  "useradd --system --user-group --no-create-home --home-dir /var/lib/nway-wx --shell /usr/sbin/nologin nway-wx",
  "nway-wx init --user nway-wx /etc/nway-wx",
  "runuser -u nway-wx -- nway-wx check-config --config /etc/nway-wx/nway_wx.ini",
  "install -m 644 /etc/nway-wx/nway-wx.service /etc/systemd/system/nway-wx.service",
  "systemctl daemon-reload",
  "systemctl enable --now nway-wx",
];

/** conf/nway-wx.service. */
export const SERVICE_UNIT = `\
# systemd unit of the nway-wx gateway. Install it as root, in the folder of the executable:
#
${INSTALL_COMMANDS.map((command) => `#   ${command}\n`).join("")}
[Unit]
Description=Calls between WeChat mini-programs and telephones
After=network-online.target
Wants=network-online.target

[Service]
ExecStart=/usr/local/bin/nway-wx serve --config /etc/nway-wx/nway_wx.ini
User=nway-wx
Group=nway-wx
StateDirectory=nway-wx
WorkingDirectory=/var/lib/nway-wx
Restart=always
RestartSec=2
# The first SIGTERM ends the calls in order.
TimeoutStopSec=30
LimitNOFILE=65536
# A core dump would hold passwords and tokens.
LimitCORE=0

NoNewPrivileges=yes
CapabilityBoundingSet=
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
UMask=0077

[Install]
WantedBy=multi-user.target
`;
