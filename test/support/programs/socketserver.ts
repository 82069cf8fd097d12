/** Servers on iomux/socketserver that test/socketserver.test.ts runs beside the same ones in Python. */
import { b, print, repr, RuntimeError } from "iomux/builtins";
import * as socketserver from "iomux/socketserver";
import * as sys from "iomux/sys";

const [, kind, host, port] = sys.argv;
const where = [host, Number(port)] as const;

class Upper extends socketserver.StreamRequestHandler<Counting> {
  answered = 0;

  override setup(): void {
    super.setup();
    print("setup", this.server.served, this.answered);
  }

  override handle(): void {
    for (const line of this.rfile) {
      this.wfile.write(Buffer.from(line.toString().toUpperCase()));
      this.answered++;
      if (line.equals(b`fail\n`)) throw new RuntimeError("on purpose");
      if (line.equals(b`stop\n`)) this.server.shutdown();
    }
  }

  override finish(): void {
    print("finish", this.answered);
    super.finish();
  }
}

class Counting extends socketserver.TCPServer {
  override allow_reuse_address = true;
  served = 0;

  override verify_request(): boolean {
    return ++this.served !== 2;
  }

  override handle_error(): void {
    print("handle_error");
  }

  override service_actions(): void {
    if (this.served === 4) print("service_actions");
  }
}

class Echo extends socketserver.BaseRequestHandler<socketserver.Datagram, socketserver.UDPServer> {
  override handle(): void {
    const [data, sock] = this.request;
    print("got", repr(data));
    sock.sendto(data, this.client_address as [string, number]);
    if (data.equals(b`stop`)) this.server.shutdown();
  }
}

const servers: Record<string, () => void> = {
  tcp(): void {
    using server = new Counting(where, Upper);
    print(repr(server.server_address).replace(/\d+\)$/, "port)"), server.request_queue_size);
    server.serve_forever(0.05);
    print("over", server.served);
  },

  udp(): void {
    using server = new socketserver.UDPServer(where, Echo);
    server.max_packet_size = 5;
    print("bound", server.fileno() > 2);
    server.serve_forever();
    print("over");
  },

  one(): void {
    class Patient extends socketserver.TCPServer {
      override allow_reuse_address = true;
      override timeout = 0.05;
      override handle_timeout(): void {
        print("handle_timeout");
      }
    }
    using server = new Patient(where, Upper);
    server.handle_request();
    print("once");
  },
};

servers[kind]();
