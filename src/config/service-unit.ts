/** conf/nway-wx.service. */
export const SERVICE_UNIT = `\
# systemd unit of the nway-wx gateway.
#
#   useradd --system --home-dir /nonexistent --shell /usr/sbin/nologin nway-wx
#   install -m 755 nway-wx /usr/local/bin/nway-wx
#   nway-wx init /etc/nway-wx
#   chgrp nway-wx /etc/nway-wx/nway_wx.ini
#   cp /etc/nway-wx/nway-wx.service /etc/systemd/system/
#   systemctl daemon-reload && systemctl enable --now nway-wx

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
