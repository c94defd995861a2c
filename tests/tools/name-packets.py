#!/usr/bin/python3
# Copyright 2026 The OAK Flasher authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names the packets that arrive at an interface, one line each, until it is ended. Usage: name-packets.py INTERFACE"""
import ipaddress
import socket
import struct
import sys
import time

PROTOCOLS = {1: 'icmp', 6: 'tcp', 17: 'udp'}
ETHERNET = 14
LINES = 50


def name(frame):
    kind = struct.unpack_from('!H', frame, 12)[0]
    if kind != 0x0800 or len(frame) < ETHERNET + 20:
        return f'ethernet type 0x{kind:04x}, {len(frame)} bytes'
    header = (frame[ETHERNET] & 15) * 4
    protocol = PROTOCOLS.get(frame[ETHERNET + 9], f'protocol {frame[ETHERNET + 9]}')
    source, target = (ipaddress.ip_address(frame[ETHERNET + at:ETHERNET + at + 4]) for at in (12, 16))
    if protocol in ('tcp', 'udp') and len(frame) >= ETHERNET + header + 4:
        source_port, target_port = struct.unpack_from('!HH', frame, ETHERNET + header)
        return f'{protocol} {source}:{source_port} to {target}:{target_port}, {len(frame)} bytes'
    return f'{protocol} {source} to {target}, {len(frame)} bytes'


def main(interface):
    received = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.ntohs(0x0003))
    received.bind((interface, 0))
    for _ in range(LINES):
        frame = received.recv(2048)
        print(time.strftime('%H:%M:%S'), name(frame), flush=True)


if __name__ == '__main__':
    main(sys.argv[1])
